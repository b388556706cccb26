import { useEffect, useState } from 'react'
import { z } from 'zod'
import { ask } from '../peer/client.ts'
import { useMeshState } from '../peer/mesh-store.ts'
import { Button } from '../ui/button.tsx'
import { counted } from '../ui/format.ts'
import { Problem } from '../ui/problem.tsx'

/** Answers under way are finished first; after that long somebody may ask again. */
const patienceMs = 120_000

const begun = z.object({ status: z.string() })

export interface RestartBarProps {
  readonly pending: readonly string[]
  /** The port that the endpoint moves to; null: it stays. */
  readonly newPort: number | null
}

/** What was saved and waits. The page comes back by itself, unless its address changes. */
export function RestartBar({ pending, newPort }: RestartBarProps) {
  const connected = useMeshState(state => state.connected)
  const [phase, setPhase] = useState<'idle' | 'asked' | 'gone'>('idle')
  const [error, setError] = useState<unknown>(null)
  useEffect(() => {
    if (phase === 'asked' && !connected) setPhase('gone')
    if (phase === 'gone' && connected) setPhase('idle')
  }, [phase, connected])
  useEffect(() => {
    if (phase !== 'asked') return
    const timer = window.setTimeout(() => setPhase('idle'), patienceMs)
    return () => window.clearTimeout(timer)
  }, [phase])
  const restart = async () => {
    setPhase('asked')
    setError(null)
    try {
      await ask('/api/restart', begun, { method: 'POST', body: {} })
    } catch (problem) {
      setPhase('idle')
      setError(problem)
    }
  }
  if (pending.length === 0 && phase === 'idle') return null
  return (
    <div className="sticky top-2 z-10 mb-4 grid gap-2 rounded-xl border border-line bg-fair-soft px-4 py-2.5 shadow-sm">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p role="status" className="min-w-0 flex-1 basis-56">
          {phase === 'idle'
            ? `${counted(pending.length, 'change')} saved. ${pending.length === 1 ? 'It applies' : 'They apply'} after a restart of MLX Mesh; answers under way are finished first.`
            : 'Restarting. The page comes back by itself.'}
        </p>
        <Button look="primary" disabled={phase !== 'idle' || !connected} onClick={() => void restart()}>
          Restart to apply
        </Button>
      </div>
      {newPort !== null && !window.mlxMesh && <NewAddress port={newPort} />}
      {error !== null && <Problem error={error} />}
    </div>
  )
}

function NewAddress({ port }: { readonly port: number }) {
  const url = new URL(window.location.href)
  url.port = String(port)
  return (
    <p>
      The address changes: after the restart, go on at{' '}
      <a href={url.href} className="text-accent underline">
        {url.origin}
      </a>{' '}
      and tell your apps.
    </p>
  )
}
