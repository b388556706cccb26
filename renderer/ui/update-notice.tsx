import { useState } from 'react'
import { useUpdate } from '../peer/update-state.ts'
import { Button } from './button.tsx'

/** A new version is there: now, or later at the owner's leisure. */
export function UpdateNotice() {
  const update = useUpdate()
  const [putOff, setPutOff] = useState<string | null>(null)
  const version = update?.state === 'ready' && update.version !== putOff ? update.version : null
  return (
    <div role="status">
      {version !== null && (
        <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1 border-line border-b bg-accent-soft px-4 py-1.5">
          <p>Version {version} is ready.</p>
          <div className="ml-auto flex gap-1">
            <Button look="quiet" onClick={() => setPutOff(version)}>
              Later
            </Button>
            <Button look="primary" onClick={() => void window.mlxMesh?.installUpdate()}>
              Restart to update
            </Button>
          </div>
        </div>
      )}
    </div>
  )
}
