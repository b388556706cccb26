// What channels and tidings are called between the page's side and the app.
import type { CoreState, UpdateState } from './bridge.ts'

export const channelPrefix = 'mlx-mesh:'

/** What the app tells without being asked. */
export interface Tidings {
  readonly 'core-state': CoreState
  readonly 'update-state': UpdateState
}
