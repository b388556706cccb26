import { useEffect, useState } from 'react'
import type { CoreState } from '../../preload/bridge.ts'
import { useCore } from '../peer/core-state.ts'
import { Button } from './button.tsx'
import { Empty } from './empty.tsx'
import { Loading } from './loading.tsx'

/** A start takes less than this; until then the shape of the screen is calmer than words. */
const patienceMs = 2500

/** In the place of every screen while nothing is known of the mesh: it is about to be, or why it is not. */
export function NoMesh() {
  const core = useCore()
  const [waitedLong, setWaitedLong] = useState(false)
  useEffect(() => {
    const timer = window.setTimeout(() => setWaitedLong(true), patienceMs)
    return () => window.clearTimeout(timer)
  }, [])
  if (core?.state === 'failed') return <CannotStart reason={core.reason} />
  return waitedLong ? <Unanswered core={core} /> : <Loading />
}

function CannotStart({ reason }: { readonly reason: string }) {
  const bridge = window.mlxMesh
  return (
    <div className="grid min-h-full place-content-center p-6">
      <div className="max-w-lg rounded-2xl border border-line bg-surface p-6" role="alert">
        <h1 className="font-semibold text-xl">MLX Mesh cannot start on this Mac</h1>
        <p className="mt-3 whitespace-pre-line break-words">{reason}</p>
        <p className="mt-3 text-muted">
          Your models and settings are kept. When the reason is gone, try again.
        </p>
        <div className="mt-5 flex flex-wrap gap-2">
          <Button look="primary" onClick={() => void bridge?.restartCore()}>
            Try again
          </Button>
          <Button onClick={() => void bridge?.showDataFolder()}>Show data folder</Button>
        </div>
      </div>
    </div>
  )
}

function Unanswered({ core }: { readonly core: CoreState | null }) {
  const starting = core?.state === 'starting' || core?.state === 'restarting'
  return (
    <div className="grid min-h-full place-content-center">
      <Empty title={starting ? 'MLX Mesh is starting' : 'MLX Mesh does not answer on this Mac'}>
        {starting
          ? 'This takes longer than usual. The page goes on by itself.'
          : 'Open the app, or start it in a terminal. The page looks again by itself.'}
      </Empty>
    </div>
  )
}
