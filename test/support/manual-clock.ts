import type { Clock } from '../../main/protocol/clock.ts'

/** Time that stands still until a test moves it; timers run in the order of their moments. */
export class ManualClock implements Clock {
  #nowMs: number
  #wrongByMs = 0
  readonly #timers = new Set<{ atMs: number; run: () => void; periodMs: number | null }>()

  constructor(nowMs = 1_800_000_000_000) {
    this.#nowMs = nowMs
  }

  now(): number {
    return this.#nowMs - this.#wrongByMs
  }

  /** As somebody corrects the time of day; timers take no notice. */
  setBack(byMs: number): void {
    this.#wrongByMs += byMs
  }

  after(delayMs: number, run: () => void): () => void {
    return this.#add({ atMs: this.#nowMs + delayMs, run, periodMs: null })
  }

  every(periodMs: number, run: () => void): () => void {
    return this.#add({ atMs: this.#nowMs + periodMs, run, periodMs })
  }

  advance(byMs: number): void {
    const endMs = this.#nowMs + byMs
    for (;;) {
      const due = [...this.#timers].filter(timer => timer.atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0]
      if (!due) break
      this.#nowMs = due.atMs
      if (due.periodMs === null) this.#timers.delete(due)
      else due.atMs += due.periodMs
      due.run()
    }
    this.#nowMs = endMs
  }

  /** As when the Mac's lid was closed: what became due meanwhile runs once, and late. */
  sleep(forMs: number): void {
    this.#nowMs += forMs
    for (const timer of this.#timers) if (timer.atMs < this.#nowMs) timer.atMs = this.#nowMs
    this.advance(0)
  }

  #add(timer: { atMs: number; run: () => void; periodMs: number | null }): () => void {
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }
}
