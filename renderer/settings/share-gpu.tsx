import { useId, useState } from 'react'
import { z } from 'zod'
import { isMeantToShare, type Sharing, sharing as sharingSchema } from '../../main/protocol/workers.ts'
import { ask } from '../peer/client.ts'
import { useMesh } from '../peer/mesh-store.ts'
import { Problem } from '../ui/problem.tsx'
import { Switch } from '../ui/switch.tsx'

const shared = z.object({ sharing: sharingSchema })

/** The switch shows what this Mac does, and why it does not when it pauses by itself. */
export function ShareGpu() {
  const id = useId()
  const self = useMesh(({ self: { workerId } }) => workerId)
  const sharing = useMesh(({ workers }) => workers.find(each => each.workerId === self)?.sharing ?? null)
  const [error, setError] = useState<unknown>(null)
  const [asking, setAsking] = useState(false)
  if (!sharing) return null
  const change = async (on: boolean) => {
    setAsking(true)
    setError(null)
    try {
      const path = `/api/cluster/workers/${encodeURIComponent(self)}/sharing`
      await ask(path, shared, { method: 'POST', body: { state: on ? 'on' : 'off' } })
    } catch (problem) {
      setError(problem)
    } finally {
      setAsking(false)
    }
  }
  return (
    <section aria-labelledby={id} className="rounded-xl border border-line bg-surface px-4 py-3">
      <div className="flex items-center justify-between gap-4">
        <p id={id} className="font-medium">
          Share this Mac’s GPU
        </p>
        <Switch
          label="Share this Mac’s GPU"
          checked={isMeantToShare(sharing)}
          disabled={asking}
          onChange={on => void change(on)}
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
