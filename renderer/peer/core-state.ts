// In the app's window: how the core is, and where. Null in a browser.
import { useSyncExternalStore } from 'react'
import type { CoreState, DesktopBridge } from '../../preload/bridge.ts'
import { setPeerAddress } from './address.ts'

let current: CoreState | null = null
const listeners = new Set<() => void>()

/** Calls back when it is known where the peer is, and whenever it is somewhere else. In a browser it is where the page is from. */
export function followCore(onPlace: () => void): void {
  const bridge = window.mlxMesh
  if (bridge) followBridge(bridge, onPlace)
  else onPlace()
}

function followBridge(bridge: DesktopBridge, onPlace: () => void): void {
  let told = false
  bridge.onCore(state => {
    told = true
    take(state, onPlace)
  })
  bridge.core().then(
    state => {
      // What was told meanwhile is newer.
      if (!told) take(state, onPlace)
    },
    error =>
      take({ state: 'failed', reason: `the window does not reach the app: ${String(error)}` }, onPlace),
  )
}

export function useCore(): CoreState | null {
  return useSyncExternalStore(subscribe, () => current)
}

function take(state: CoreState, onPlace: () => void): void {
  current = state
  if (state.state === 'running') {
    setPeerAddress(state.peer)
    onPlace()
  }
  for (const run of listeners) run()
}

function subscribe(run: () => void): () => void {
  listeners.add(run)
  return () => listeners.delete(run)
}
