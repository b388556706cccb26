import { useCore } from '../peer/core-state.ts'
import { useMeshState } from '../peer/mesh-store.ts'
import { Button } from './button.tsx'

/** Above every screen: that this Mac does not answer, and what happens about it. */
export function Banner() {
  const connected = useMeshState(state => state.connected)
  const known = useMeshState(({ mesh }) => mesh !== null)
  const core = useCore()
  const text = sayTrouble(
    core?.state ?? null,
    core && 'reason' in core ? core.reason : null,
    connected,
    known,
  )
  return (
    <div role="status" aria-live="polite">
      {text !== null && (
        <div className="flex flex-wrap items-center justify-between gap-3 border-line border-b bg-fair-soft px-4 py-2">
          <p>{text}</p>
          {core?.state === 'failed' && (
            <Button onClick={() => void window.mlxMesh?.restartCore()}>Try again</Button>
          )}
        </div>
      )}
    </div>
  )
}

function sayTrouble(
  core: string | null,
  reason: string | null,
  connected: boolean,
  known: boolean,
): string | null {
  if (core === 'failed') return `MLX Mesh cannot start on this Mac: ${reason}`
  if (core === 'restarting')
    return 'MLX Mesh stopped unexpectedly and is starting again. Nothing needs to be done.'
  if (connected) return null
  if (core === 'starting') return 'MLX Mesh is starting.'
  return known
    ? 'MLX Mesh does not answer on this Mac. What you see is how it was; the page looks again by itself.'
    : null
}
