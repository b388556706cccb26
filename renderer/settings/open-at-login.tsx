import { useEffect, useState } from 'react'
import type { DesktopBridge } from '../../preload/bridge.ts'
import { Problem } from '../ui/problem.tsx'
import { Switch } from '../ui/switch.tsx'

export function OpenAtLogin({ bridge }: { readonly bridge: DesktopBridge }) {
  const [isOn, setOn] = useState<boolean | null>(null)
  const [error, setError] = useState<unknown>(null)
  useEffect(() => {
    bridge.settings().then(({ openAtLogin }) => setOn(openAtLogin), setError)
  }, [bridge])
  const change = (openAtLogin: boolean) => {
    setError(null)
    bridge.changeSettings({ openAtLogin }).then(saved => setOn(saved.openAtLogin), setError)
  }
  return (
    <div>
      <div className="flex items-center justify-between gap-4">
        <div>
          <p className="font-medium">Open at login</p>
          <p className="text-muted">MLX Mesh is there whenever you are, in the menu bar.</p>
        </div>
        <Switch label="Open at login" checked={isOn ?? false} disabled={isOn === null} onChange={change} />
      </div>
      {error !== null && (
        <div className="mt-2">
          <Problem error={error} />
        </div>
      )}
    </div>
  )
}
