// The key with which a page on another machine asks its Mac; kept by the tab, and gone with it. The app's window needs none.
import { create } from 'zustand'

interface KeyState {
  readonly key: string | null
  /** The Mac has refused to answer without a key, or with this one. */
  readonly isWanted: boolean
}

const place = 'mlx-mesh-api-key'

export const useKeyState = create<KeyState>(() => ({ key: sessionStorage.getItem(place), isWanted: false }))

export function apiKey(): string | null {
  return useKeyState.getState().key
}

export function isKeyWanted(): boolean {
  return useKeyState.getState().isWanted
}

export function wantKey(): void {
  if (!window.mlxMesh) useKeyState.setState({ isWanted: true })
}

export function giveKey(key: string): void {
  sessionStorage.setItem(place, key)
  useKeyState.setState({ key, isWanted: false })
}
