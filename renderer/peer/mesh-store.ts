import { create } from 'zustand'
import { applyEvents, type Mesh } from './apply-events.ts'
import { openEventSocket } from './event-socket.ts'

interface MeshState {
  /** Null until this Mac has answered for the first time. */
  readonly mesh: Mesh | null
  readonly connected: boolean
}

export const useMeshState = create<MeshState>(() => ({ mesh: null, connected: false }))

/** Follows the peer until it is ended. */
export function followPeer(): () => void {
  return openEventSocket({
    onEvents: events => useMeshState.setState(({ mesh }) => ({ mesh: applyEvents(mesh, events) })),
    onConnected: connected => useMeshState.setState({ connected }),
  })
}

/** The time on the Mac's own clock when it last told its figures; null: it has not. */
export function macNow(): number | null {
  return useMeshState.getState().mesh?.pulse.at(-1)?.timestamp ?? null
}

/** A part of what is known, for views, which exist only once something is. */
export function useMesh<T>(select: (mesh: Mesh) => T): T {
  return useMeshState(({ mesh }) => {
    if (!mesh) throw new Error('a view was shown before the mesh was known')
    return select(mesh)
  })
}
