// What has gone wrong with one request, and how long that is put up with: pauses, and their end. It knows neither Macs nor
// how they are asked.
import type { MeshError } from '../protocol/errors.ts'

/** Together with the time in which a loss is noticed, less than the five seconds after which a client hears of it. */
const patienceMs = 3000
const firstPauseMs = 100
const longestPauseMs = 1000
/** Macs that fail a request, whatever the reason, before it is given up. */
const mostFailures = 10
/** A request that kills engines must not visit every Mac, nor one so often that its model is left alone. */
const mostEngineFailures = 2
const mostEngineFailuresOfOne = 1

export class Trouble {
  /** What went wrong last, or began what is waited out; null: nothing has. */
  reason: MeshError | null = null
  #failures = 0
  readonly #enginesFailedOn: string[] = []
  #giveUpAtMs: number | null = null
  #pauseMs = firstPauseMs

  note(workerId: string, reason: MeshError): void {
    if (this.#giveUpAtMs === null) this.reason = reason
    if (reason.code !== 'OVERLOADED') this.#failures++
    if (reason.code === 'ENGINE_FAILED') this.#enginesFailedOn.push(workerId)
  }

  /** An answer is at stake: it is worth to wait for a Mac that can go on with it. */
  bePatient(nowMs: number): void {
    this.#giveUpAtMs ??= nowMs + patienceMs
  }

  /** A Mac has begun to answer. */
  over(): void {
    this.#giveUpAtMs = null
    this.#pauseMs = firstPauseMs
  }

  get isHopeless(): boolean {
    const last = this.#enginesFailedOn.at(-1)
    const onLast = this.#enginesFailedOn.filter(workerId => workerId === last).length
    return (
      this.#failures > mostFailures ||
      this.#enginesFailedOn.length > mostEngineFailures ||
      onLast > mostEngineFailuresOfOne
    )
  }

  /** How long to wait before all Macs are asked again; null: no longer. */
  nextPauseMs(nowMs: number): number | null {
    const pauseMs = this.#pauseMs * (0.5 + Math.random() / 2)
    if (this.#giveUpAtMs === null || nowMs + pauseMs > this.#giveUpAtMs) return null
    this.#pauseMs = Math.min(2 * this.#pauseMs, longestPauseMs)
    return pauseMs
  }
}
