// The Macs that a model is copied from, one at a time: the next one when one gives nothing, and a pause when none does.

import { abortable } from '../protocol/abortable.ts'
import type { Clock } from '../protocol/clock.ts'
import { MeshError } from '../protocol/errors.ts'

/** Together 24 s of pauses: a Mac that was restarted is back by then. */
const pausesMs = [250, 500, 1000, 2000, 4000, 8000, 8000]

export class Givers {
  readonly #workerIds: readonly string[]
  readonly #clock: Clock
  #turn = 0
  /** Since the last part that came. */
  #failures = 0

  constructor(workerIds: readonly string[], clock: Clock) {
    this.#workerIds = workerIds
    this.#clock = clock
  }

  get current(): string {
    return this.#workerIds[this.#turn % this.#workerIds.length] ?? ''
  }

  gave(): void {
    this.#failures = 0
  }

  /** Resolves when the next one may be asked. Rejects with MODEL_LOAD_FAILED when all have failed too often. */
  async failed(reason: MeshError, signal: AbortSignal): Promise<void> {
    this.#turn++
    this.#failures++
    const round = this.#failures - this.#workerIds.length
    if (round < 0) return
    const pauseMs = pausesMs[round]
    if (pauseMs === undefined) {
      const message = `No Mac that has the model gives any more of it: ${reason.message}`
      throw new MeshError('MODEL_LOAD_FAILED', message, { cause: reason })
    }
    let callOff = () => {}
    const pause = new Promise<void>(resolve => {
      callOff = this.#clock.after(pauseMs, resolve)
    })
    await abortable(pause, signal).finally(callOff)
  }
}
