// Remembers the failures of one model: after each it waits a little longer, after three it is left alone.

const windowMs = 10 * 60_000
const backOffMs = [500, 3000]
export const strikesForQuarantine = 3

export class Strikes {
  #atMs: readonly number[] = []
  #isOut = false

  /** Stays true, however old the failures become, until `forgive`. */
  get isQuarantined(): boolean {
    return this.#isOut
  }

  add(nowMs: number): void {
    this.#atMs = [...this.#atMs.filter(atMs => nowMs - atMs < windowMs), nowMs]
    if (this.#atMs.length >= strikesForQuarantine) this.#isOut = true
  }

  /** How long the next attempt has to wait. */
  backOffMs(nowMs: number): number {
    const recent = this.#atMs.filter(atMs => nowMs - atMs < windowMs)
    const last = recent.at(-1)
    if (last === undefined) return 0
    return Math.max(0, last + (backOffMs[recent.length - 1] ?? 0) - nowMs)
  }

  forgive(): void {
    this.#atMs = []
    this.#isOut = false
  }
}
