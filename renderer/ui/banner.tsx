import type { CoreState } from '../../preload/bridge.ts'
import { useCore } from '../peer/core-state.ts'
import { useMeshState } from '../peer/mesh-store.ts'
import { Button } from './button.tsx'

/** Above every screen: that this Mac does not answer, and what happens about it. */
export function Banner() {
  const connected = useMeshState(state => state.connected)
  const known = useMeshState(({ mesh }) => mesh !== null)
  const core = useCore()
  const text = sayTrouble(core, connected, known)
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

function sayTrouble(core: CoreState | null, connected: boolean, known: boolean): string | null {
  // While nothing is known, this stands in the place of the screen.
  if (core?.state === 'failed') return known ? `MLX Mesh cannot start on this Mac: ${core.reason}` : null
  if (core?.state === 'restarting')
    return 'MLX Mesh stopped unexpectedly and is starting again. Nothing needs to be done.'
  if (connected || !known) return null
  if (core?.state === 'starting') return 'MLX Mesh is starting.'
  return 'MLX Mesh does not answer on this Mac. What you see is how it was; the page looks again by itself.'
}
