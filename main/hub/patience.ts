// How often and how soon something is tried again that the network may have spoiled.
import { abortable } from '../protocol/abortable.ts'
import type { Clock } from '../protocol/clock.ts'

/** Together two and a half minutes: a router that starts again is back by then. */
const pausesMs = [500, 1000, 2000, 4000, 8000, 15_000, 30_000, 30_000, 30_000, 30_000]
/** While somebody waits for an answer. */
export const shortPausesMs = [300, 700]
const longestAskedPauseMs = 60_000

export class Patience {
  readonly #clock: Clock
  readonly #pausesMs: readonly number[]
  /** Since something last came. */
  #failures = 0

  constructor(clock: Clock, pauses: readonly number[] = pausesMs) {
    this.#clock = clock
    this.#pausesMs = pauses
  }

  gained(): void {
    this.#failures = 0
  }

  /** Resolves when it may be tried again, not before `atLeastMs`. Rejects with the error when it was tried often enough. */
  async failed(error: Error, atLeastMs: number, signal: AbortSignal): Promise<void> {
    const pauseMs = this.#pausesMs[this.#failures++]
    if (pauseMs === undefined) throw error
    let callOff = () => {}
    const pause = new Promise<void>(resolve => {
      callOff = this.#clock.after(Math.max(pauseMs, Math.min(atLeastMs, longestAskedPauseMs)), resolve)
    })
    await abortable(pause, signal).finally(callOff)
  }
}
