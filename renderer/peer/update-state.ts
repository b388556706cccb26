// Whether a new version of the app is there. In a browser there is no app to renew.
import { useEffect, useState } from 'react'
import type { UpdateState } from '../../preload/bridge.ts'

/** Null in a browser, and until the app has said it. */
export function useUpdate(): UpdateState | null {
  const [update, setUpdate] = useState<UpdateState | null>(null)
  useEffect(() => {
    const bridge = window.mlxMesh
    if (!bridge) return
    const end = bridge.onUpdate(setUpdate)
    bridge.update().then(
      asked => setUpdate(told => told ?? asked),
      error => setUpdate({ state: 'failed', reason: String(error) }),
    )
    return end
  }, [])
  return update
}
