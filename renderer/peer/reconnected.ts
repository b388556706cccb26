import { useEffect, useRef } from 'react'
import { useMeshState } from './mesh-store.ts'

/** Runs when the Mac answers again after it had not: what happened meanwhile was not told. */
export function useReconnected(run: () => void): void {
  const connected = useMeshState(state => state.connected)
  const wasLost = useRef(false)
  useEffect(() => {
    if (!connected) {
      wasLost.current = true
      return
    }
    if (wasLost.current) run()
    wasLost.current = false
  }, [connected, run])
}
