import type { DesktopBridge, UpdateState } from '../../preload/bridge.ts'
import { useUpdate } from '../peer/update-state.ts'
import { Button } from '../ui/button.tsx'
import { Progress } from '../ui/progress.tsx'

export function Updates({ bridge }: { readonly bridge: DesktopBridge }) {
  const update = useUpdate()
  return (
    <div className="grid gap-2 py-3">
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <div className="min-w-0">
          <p className="font-medium">Updates</p>
          <p role="status" className="break-words text-muted">
            {sayUpdate(update)}
          </p>
        </div>
        {update?.state === 'ready' ? (
          <Button look="primary" onClick={() => void bridge.installUpdate()}>
            Restart to update
          </Button>
        ) : (
          <Button
            disabled={update === null || !canCheck(update)}
            onClick={() => void bridge.checkForUpdates()}
          >
            Check for updates
          </Button>
        )}
      </div>
      {update?.state === 'downloading' && (
        <Progress label="Download of the new version" value={update.percent / 100} />
      )}
    </div>
  )
}

function canCheck({ state }: UpdateState): boolean {
  return state === 'idle' || state === 'current' || state === 'failed'
}

function sayUpdate(update: UpdateState | null): string {
  if (!update) return ''
  switch (update.state) {
    case 'idle':
      return 'New versions are fetched in the background.'
    case 'checking':
      return 'Looking for a new version.'
    case 'current':
      return 'This is the newest version.'
    case 'downloading':
      return `A new version is on its way: ${Math.round(update.percent)} %.`
    case 'ready':
      return `Version ${update.version} is ready.`
    case 'failed':
      return `It did not work: ${update.reason}`
    case 'unavailable':
      return update.reason
  }
}
