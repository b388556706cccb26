import { useState } from 'react'
import { Button } from '../ui/button.tsx'
import { Problem } from '../ui/problem.tsx'

/** In the window the app asks where to save it; in a browser it is a download. */
export function DiagnosticsButton() {
  const bridge = window.mlxMesh
  const [saved, setSaved] = useState<string | null>(null)
  const [error, setError] = useState<unknown>(null)
  if (!bridge) {
    return (
      <a
        href="/api/diagnostics"
        download
        className="inline-flex min-h-8 items-center rounded-lg border border-line bg-surface px-3 py-1 font-medium hover:bg-raised"
      >
        Download diagnostics
      </a>
    )
  }
  const save = () => {
    setError(null)
    bridge.saveDiagnostics().then(setSaved, setError)
  }
  return (
    <div className="grid justify-items-end gap-1">
      <Button onClick={save}>Save diagnostics…</Button>
      <p role="status" className="break-all text-muted text-xs">
        {saved === null ? '' : `Saved: ${saved}`}
      </p>
      {error !== null && <Problem error={error} />}
    </div>
  )
}
