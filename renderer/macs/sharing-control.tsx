import { isMeantToShare, type SharingOrder } from '../../main/protocol/workers.ts'
import { useMesh } from '../peer/mesh-store.ts'
import { tellMac } from '../peer/tell-mac.ts'
import { Button } from '../ui/button.tsx'
import { Problem } from '../ui/problem.tsx'
import { Switch } from '../ui/switch.tsx'
import { useOrder } from '../ui/use-order.ts'
import { saySharing } from './describe-mac.ts'

const pauseMinutes = 60

/** Whether a Mac works for the others: the switch shows what that Mac says, not what was clicked, and the words why it pauses. */
export function SharingControl({ workerId }: { readonly workerId: string }) {
  const worker = useMesh(({ workers }) => workers.find(each => each.workerId === workerId))
  const { isRunning, error, give } = useOrder()
  if (!worker) return null
  const { sharing: now, hostname } = worker
  const order = (body: SharingOrder) => give(() => tellMac(workerId, 'sharing', body))
  const isOn = now?.state === 'on'
  const isPaused = now?.state === 'paused' && now.untilMs !== null
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <div className="flex flex-wrap items-center gap-3">
        <Switch
          label={`Share the GPU of ${hostname}`}
          checked={isMeantToShare(now)}
          disabled={isRunning || now === null}
          onChange={checked => void order({ state: checked ? 'on' : 'off' })}
        />
        <p className="min-w-32 flex-1 text-xs">
          <span className="block font-medium text-sm">Share GPU</span>
          <span className="block text-muted">{saySharing(now)}</span>
        </p>
        {isOn && (
          <Button
            disabled={isRunning}
            onClick={() => void order({ state: 'paused', minutes: pauseMinutes })}
            aria-label={`Pause for an hour: ${hostname}`}
          >
            Pause for an hour
          </Button>
        )}
        {isPaused && (
          <Button
            disabled={isRunning}
            onClick={() => void order({ state: 'on' })}
            aria-label={`Resume: ${hostname}`}
          >
            Resume
          </Button>
        )}
      </div>
      {error !== null && <Problem error={error} />}
    </div>
  )
}
