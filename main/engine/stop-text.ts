/** Finds stop strings across the borders of tokens, and holds text back while one may be under way. */
export class StopText {
  readonly #stops: readonly string[]
  #held = ''
  #matched = false

  constructor(stops: readonly string[]) {
    this.#stops = stops
  }

  get matched(): boolean {
    return this.#matched
  }

  /** Adds generated text and returns what may be shown now; `isLast` lets everything go. */
  push(text: string, isLast: boolean): string {
    const all = this.#held + text
    const at = this.#firstStop(all)
    if (at >= 0) {
      this.#matched = true
      this.#held = ''
      return all.slice(0, at)
    }
    const safe = isLast ? all.length : all.length - this.#unfinished(all)
    this.#held = all.slice(safe)
    return all.slice(0, safe)
  }

  #firstStop(text: string): number {
    const found = this.#stops.map(stop => text.indexOf(stop)).filter(at => at >= 0)
    return found.length > 0 ? Math.min(...found) : -1
  }

  /** Length of the longest end of `text` with which a stop string begins. */
  #unfinished(text: string): number {
    const longest = Math.max(...this.#stops.map(stop => stop.length - 1))
    for (let length = Math.min(longest, text.length); length > 0; length--) {
      const end = text.slice(-length)
      if (this.#stops.some(stop => stop.startsWith(end))) return length
    }
    return 0
  }
}
