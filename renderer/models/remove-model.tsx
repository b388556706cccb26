import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { modelLine } from '../ui/model-name.ts'
import { Problem } from '../ui/problem.tsx'
import type { ModelOrders } from './use-model-order.ts'

export interface RemoveModelProps {
  readonly modelId: string
  readonly hostname: string
  readonly orders: ModelOrders
  readonly onClose: () => void
}

/** The question before a model's files are deleted. */
export function RemoveModel({ modelId, hostname, orders, onClose }: RemoveModelProps) {
  const remove = async () => {
    if (await orders.give('remove-model', modelId)) onClose()
  }
  return (
    <Dialog
      title={`Remove this model from ${hostname}?`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button look="danger" disabled={orders.isUnderWay} onClick={() => void remove()}>
            Remove
          </Button>
        </>
      }
    >
      <p className="break-words font-medium">{modelLine(modelId)}</p>
      <p className="mt-1 text-muted">
        Its files are deleted from this Mac. Copies on other Macs stay, and it can be downloaded again.
      </p>
      {orders.error !== null && (
        <div className="mt-3">
          <Problem error={orders.error} />
        </div>
      )}
    </Dialog>
  )
}
