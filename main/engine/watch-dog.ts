// Decides when a model process hangs: it leaves pings unanswered, or has live requests and makes no steps. Counts its
// own beats, never the time between them: after this Mac has slept or stalled, a silence that nobody waited through is none.

export interface Patience {
  /** Beats that may go by without an answer. */
  readonly unanswered: number
  /** Beats that may go by with live requests and without progress. */
  readonly still: number
}

export class WatchDog {
  readonly #patience: Patience
  #unanswered = 0
  #still = 0
  #step = 0

  constructor(patience: Patience) {
    this.#patience = patience
  }

  /** At each beat, before its ping is sent: why the process counts as hung, or null. */
  beat(): string | null {
    if (this.#unanswered >= this.#patience.unanswered) {
      return `did not answer for ${this.#unanswered} s`
    }
    if (this.#still >= this.#patience.still) {
      return `had requests and made no progress for ${this.#still} s`
    }
    this.#unanswered += 1
    return null
  }

  answered(pong: { readonly step: number; readonly active: number; readonly queued: number }): void {
    this.#unanswered = 0
    const isIdle = pong.active + pong.queued === 0
    if (isIdle || pong.step !== this.#step) this.#still = 0
    else this.#still += 1
    this.#step = pong.step
  }

  /** Anything that shows work: a step, a chunk of a prompt. */
  progressed(): void {
    this.#still = 0
  }
}
