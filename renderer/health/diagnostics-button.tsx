import { useState } from 'react'
import { open } from '../peer/client.ts'
import { Button } from '../ui/button.tsx'
import { Problem } from '../ui/problem.tsx'
import { saveFile } from '../ui/save-file.ts'
import { useOrder } from '../ui/use-order.ts'

/** All checks are made for it. */
const patienceMs = 120_000
const fileName = 'mlx-mesh-diagnostics.zip'

/** In the window the app asks where to save it; in a browser it is a download. */
export function DiagnosticsButton() {
  const bridge = window.mlxMesh
  const [saved, setSaved] = useState<string | null>(null)
  const { isRunning, error, give } = useOrder()
  const save = () => give(async () => setSaved(bridge ? await bridge.saveDiagnostics() : await download()))
  return (
    <div className="grid justify-items-end gap-1">
      <Button disabled={isRunning} onClick={() => void save()}>
        {bridge ? 'Save diagnostics…' : 'Download diagnostics'}
      </Button>
      <p role="status" className="break-all text-muted text-xs">
        {isRunning ? 'Collecting' : saved === null ? '' : `Saved: ${saved}`}
      </p>
      {error !== null && <Problem error={error} />}
    </div>
  )
}

async function download(): Promise<string> {
  const answer = await open('/api/diagnostics', { signal: AbortSignal.timeout(patienceMs) })
  saveFile(await answer.blob(), fileName)
  return fileName
}
