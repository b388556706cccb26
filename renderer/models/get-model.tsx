import { isOnDisk, type ModelStatus } from '../../main/protocol/models.ts'
import { Button } from '../ui/button.tsx'
import { Status } from '../ui/status.tsx'
import type { ModelOrders } from './use-model-order.ts'

export interface GetModelProps {
  readonly modelId: string
  readonly name: string
  /** On the chosen Mac. */
  readonly status: ModelStatus | null
  readonly orders: ModelOrders
  readonly isDisabled: boolean
}

/** The button that downloads, and what became of it. */
export function GetModel({ modelId, name, status, orders, isDisabled }: GetModelProps) {
  if (status?.state === 'downloading') return <Status tone="fair">{sayShare(status)}</Status>
  if (status && isOnDisk(status)) return <Status tone="good">Already there</Status>
  return (
    <Button
      aria-label={`Download ${name}`}
      disabled={isDisabled || orders.isUnderWay}
      onClick={() => void orders.give('load-model', modelId)}
    >
      Download
    </Button>
  )
}

function sayShare({ copied }: ModelStatus): string {
  if (!copied || copied.ofBytes === 0) return 'On its way'
  return `On its way, ${Math.floor((100 * copied.bytes) / copied.ofBytes)} %`
}
