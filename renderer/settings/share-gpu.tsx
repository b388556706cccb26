import { useId } from 'react'
import { isMeantToShare, type Sharing, type SharingOrder } from '../../main/protocol/workers.ts'
import { useMesh } from '../peer/mesh-store.ts'
import { tellMac } from '../peer/tell-mac.ts'
import { Problem } from '../ui/problem.tsx'
import { Switch } from '../ui/switch.tsx'
import { useOrder } from '../ui/use-order.ts'

/** The switch shows what this Mac does, and why it does not when it pauses by itself. */
export function ShareGpu() {
  const id = useId()
  const self = useMesh(({ self: { workerId } }) => workerId)
  const sharing = useMesh(({ workers }) => workers.find(each => each.workerId === self)?.sharing ?? null)
  const { isRunning, error, give } = useOrder()
  if (!sharing) return null
  const order = (body: SharingOrder) => give(() => tellMac(self, 'sharing', body))
  return (
    <section aria-labelledby={id} className="rounded-xl border border-line bg-surface px-4 py-3">
      <div className="flex items-center justify-between gap-4">
        <p id={id} className="font-medium">
          Share this Mac’s GPU
        </p>
        <Switch
          label="Share this Mac’s GPU"
          checked={isMeantToShare(sharing)}
          disabled={isRunning}
          onChange={on => void order({ state: on ? 'on' : 'off' })}
        />
      </div>
      <p className="mt-1 text-muted">
        The other Macs of your mesh may use it while you do not. It pauses by itself on battery, when the Mac
        is hot, and when your own programs need the GPU. What you ask for here is always answered.
      </p>
      <p role="status" className="mt-1">
        {sayPause(sharing)}
      </p>
      {error !== null && <Problem error={error} />}
    </section>
  )
}

function sayPause(sharing: Sharing): string {
  if (sharing.state === 'on' || !isMeantToShare(sharing)) return ''
  return `Paused for now${sharing.reason === null ? '' : `: ${sharing.reason}`}.`
}
