import { PushPinIcon } from '@phosphor-icons/react/dist/csr/PushPin'
import { TrashIcon } from '@phosphor-icons/react/dist/csr/Trash'
import { XIcon } from '@phosphor-icons/react/dist/csr/X'
import { memo, useState } from 'react'
import { isOnDisk } from '../../main/protocol/models.ts'
import { Button } from '../ui/button.tsx'
import { bytes } from '../ui/format.ts'
import { IconButton } from '../ui/icon-button.tsx'
import { modelName } from '../ui/model-name.ts'
import { Problem } from '../ui/problem.tsx'
import { fitWords } from './fit.ts'
import { ModelStateLine } from './model-state.tsx'
import type { Place } from './models-on-mesh.ts'
import { RemoveModel } from './remove-model.tsx'
import { TransferLine } from './transfer-line.tsx'
import { type ModelOrders, useModelOrder } from './use-model-order.ts'

/** States stand below each other, whatever can be done about them. */
const actionsLook = '@md:w-[11.25rem]'

export interface ModelPlaceProps {
  readonly modelId: string
  readonly place: Place
}

/** One model on one Mac: how it is there, and what can be done about it. */
export const ModelPlace = memo(function ModelPlace({ modelId, place }: ModelPlaceProps) {
  const { workerId, hostname, fit, isOnline, status } = place
  const orders = useModelOrder(workerId, status)
  const { name } = modelName(modelId)
  const memory =
    isOnline && status && status.memoryBytes > 0 ? `Uses ${bytes(status.memoryBytes)}` : fitWords[fit]
  return (
    <li className="border-line border-t py-2.5 first:border-t-0">
      <div className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3">
        <div className="grid min-w-0 gap-x-3 @md:grid-cols-[minmax(0,4fr)_minmax(0,5fr)]">
          <p className="min-w-0">
            <a
              href={`#/macs/${encodeURIComponent(workerId)}`}
              title={hostname}
              dir="auto"
              className="block truncate text-left font-medium hover:underline"
            >
              {hostname}
            </a>
            <span className={`figures block text-xs ${fit === 'no' ? 'text-fair' : 'text-muted'}`}>
              {memory}
            </span>
          </p>
          {/* Spoken only where somebody asked for it: many states change by themselves. */}
          <p
            className="min-w-0 self-center text-[0.8125rem]"
            aria-live={orders.haveBeenGiven ? 'polite' : 'off'}
          >
            <ModelStateLine place={place} />
          </p>
        </div>
        {isOnline ? <Actions {...{ modelId, name, place, orders }} /> : <div className={actionsLook} />}
      </div>
      {status?.state === 'downloading' && (
        <TransferLine
          label={`${name} on ${hostname}`}
          bytes={status.copied?.bytes ?? 0}
          ofBytes={status.copied?.ofBytes ?? 0}
        />
      )}
      {isOnline && status?.reason && <p className="mt-1 break-words text-muted text-xs">{status.reason}</p>}
      {orders.error !== null && (
        <div className="mt-2">
          <Problem error={orders.error} />
        </div>
      )}
    </li>
  )
})

interface ActionsProps extends ModelPlaceProps {
  readonly name: string
  readonly orders: ModelOrders
}

function Actions({ modelId, name, place, orders }: ActionsProps) {
  const [isAsking, setAsking] = useState(false)
  const { hostname, status } = place
  const isThere = status !== null && isOnDisk(status)
  const pinned = status?.pinned === true
  return (
    <div className={`${actionsLook} flex items-center justify-end gap-1`}>
      {isThere && (
        <>
          <IconButton
            aria-pressed={pinned}
            label={`Always keep ${name} loaded on ${hostname}`}
            title={
              pinned
                ? 'Always kept loaded. Click to let it go when memory is needed.'
                : 'Always keep it loaded'
            }
            disabled={orders.isUnderWay}
            onClick={() => void orders.give('pin-model', modelId, { pinned: !pinned })}
          >
            <PushPinIcon
              aria-hidden="true"
              weight={pinned ? 'fill' : 'regular'}
              className={`size-4 ${pinned ? 'text-accent' : ''}`}
            />
          </IconButton>
          <IconButton
            label={`Remove ${name} from ${hostname}`}
            title="Remove it from this Mac"
            disabled={orders.isUnderWay}
            onClick={() => setAsking(true)}
          >
            <TrashIcon aria-hidden="true" className="size-4" />
          </IconButton>
        </>
      )}
      {status?.state === 'absent' && (
        <IconButton
          label={`Forget ${name} on ${hostname}`}
          title="Forget it: what came of it is deleted"
          disabled={orders.isUnderWay}
          onClick={() => void orders.give('unload-model', modelId)}
        >
          <XIcon aria-hidden="true" className="size-4" />
        </IconButton>
      )}
      <MainAction {...{ modelId, name, place, orders }} />
      {isAsking && <RemoveModel {...{ modelId, hostname, orders }} onClose={() => setAsking(false)} />}
    </div>
  )
}

function MainAction({ modelId, name, place: { hostname, status, fit }, orders }: ActionsProps) {
  const { word, order } = mainOrder(status?.state ?? null)
  const isTooLarge = status === null && fit === 'no'
  return (
    <Button
      className="min-w-[5.75rem]"
      aria-label={`${word}: ${name} on ${hostname}`}
      title={isTooLarge ? `${name} needs more memory than ${hostname} has` : undefined}
      disabled={isTooLarge || orders.isUnderWay || status?.state === 'draining'}
      onClick={() => void orders.give(order, modelId)}
    >
      {word}
    </Button>
  )
}

type State = NonNullable<Place['status']>['state'] | null

function mainOrder(state: State) {
  const load = 'load-model' as const
  const unload = 'unload-model' as const
  if (state === null) return { word: 'Get', order: load }
  if (state === 'downloading') return { word: 'Cancel', order: unload }
  if (state === 'failed' || state === 'absent') return { word: 'Try again', order: load }
  if (state === 'unloaded') return { word: 'Load', order: load }
  return { word: 'Unload', order: unload }
}
