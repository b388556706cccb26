// In the app's window: how the core is, and where. Null in a browser.
import { useSyncExternalStore } from 'react'
import type { CoreState } from '../../preload/bridge.ts'
import { setPeerAddress } from './address.ts'

let current: CoreState | null = null
const listeners = new Set<() => void>()

/** Calls back whenever the peer is somewhere else; resolves when it is known where. In a browser it is where the page is from. */
export async function followCore(onMoved: () => void): Promise<void> {
  const bridge = window.mlxMesh
  if (!bridge) return
  bridge.onCore(state => take(state, onMoved))
  take(await bridge.core(), () => {})
}

export function useCore(): CoreState | null {
  return useSyncExternalStore(subscribe, () => current)
}

function take(state: CoreState, onMoved: () => void): void {
  current = state
  if (state.state === 'running') {
    setPeerAddress(state.peer)
    onMoved()
  }
  for (const run of listeners) run()
}

function subscribe(run: () => void): () => void {
  listeners.add(run)
  return () => listeners.delete(run)
}
