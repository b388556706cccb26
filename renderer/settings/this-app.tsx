import { useId, useState } from 'react'
import type { DesktopBridge } from '../../preload/bridge.ts'
import { DiagnosticsButton } from '../health/diagnostics-button.tsx'
import { Button } from '../ui/button.tsx'
import { Problem } from '../ui/problem.tsx'
import { OpenAtLogin } from './open-at-login.tsx'
import { Updates } from './updates.tsx'

/** What only the window has to do with: the app itself. In a browser there is the bundle for a bug report alone. */
export function ThisApp() {
  const id = useId()
  const bridge = window.mlxMesh
  return (
    <section aria-labelledby={id} id="topic-app" className="scroll-mt-4">
      <h2 id={id} className="font-semibold text-lg">
        {bridge ? 'This app' : 'Bug reports'}
      </h2>
      <p className="mb-2 text-muted">
        {bridge ? 'The app in the menu bar of this Mac.' : 'What helps when something goes wrong.'}
      </p>
      <div className="divide-y divide-line rounded-xl border border-line bg-surface px-4">
        {bridge && (
          <>
            <div className="py-3">
              <OpenAtLogin bridge={bridge} />
            </div>
            <Updates bridge={bridge} />
            <DataFolder bridge={bridge} />
          </>
        )}
        <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 py-3">
          <div className="min-w-0">
            <p className="font-medium">Diagnostics</p>
            <p className="text-muted">
              Logs, settings and findings in one file, without prompts and answers.
            </p>
          </div>
          <DiagnosticsButton />
        </div>
      </div>
    </section>
  )
}

function DataFolder({ bridge }: { readonly bridge: DesktopBridge }) {
  const [error, setError] = useState<unknown>(null)
  return (
    <div className="grid gap-2 py-3">
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <div className="min-w-0">
          <p className="font-medium">Data folder</p>
          <p className="text-muted">Models, logs and what the app keeps.</p>
        </div>
        <Button onClick={() => void bridge.showDataFolder().then(() => setError(null), setError)}>
          {bridge.platform === 'darwin' ? 'Show in Finder' : 'Show'}
        </Button>
      </div>
      {error !== null && <Problem error={error} />}
    </div>
  )
}
