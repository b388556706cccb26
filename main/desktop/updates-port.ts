import type { UpdateState } from '../../preload/bridge.ts'

/** Where newer versions of the app come from. */
export interface Updates {
  state(): UpdateState
  onState(run: (state: UpdateState) => void): void
  check(): Promise<void>
  /** Restarts the app into the new version. */
  install(): Promise<void>
}

/** A build that is not updated by itself. */
export function noUpdates(reason: string): Updates {
  return {
    state: () => ({ state: 'unavailable', reason }),
    onState: () => {},
    check: async () => {},
    install: async () => {
      throw new Error(reason)
    },
  }
}
