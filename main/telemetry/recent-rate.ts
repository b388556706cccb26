const windowSeconds = 5

/** How much of something came per second, over the last seconds. Counting costs an addition. */
export class RecentRate {
  readonly #counts = new Float64Array(windowSeconds)
  readonly #seconds = new Float64Array(windowSeconds).fill(-1)

  add(count: number, nowMs: number): void {
    const second = Math.floor(nowMs / 1000)
    const at = second % windowSeconds
    if (this.#seconds[at] !== second) {
      this.#seconds[at] = second
      this.#counts[at] = 0
    }
    this.#counts[at] = (this.#counts[at] ?? 0) + count
  }

  perSecond(nowMs: number): number {
    const oldest = Math.floor(nowMs / 1000) - windowSeconds + 1
    let sum = 0
    for (let at = 0; at < windowSeconds; at++) {
      if ((this.#seconds[at] ?? -1) >= oldest) sum += this.#counts[at] ?? 0
    }
    return (sum * 1000) / (nowMs - oldest * 1000)
  }
}
