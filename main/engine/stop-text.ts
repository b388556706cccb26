/** Finds stop strings across the borders of tokens, and holds text back while one may be under way. */
export class StopText {
  readonly #stops: readonly string[]
  #held = ''
  #matched: string | null = null

  constructor(stops: readonly string[]) {
    this.#stops = stops
  }

  /** The stop string that has come. */
  get matched(): string | null {
    return this.#matched
  }

  /** Adds generated text and returns what may be shown now; `isLast` lets everything go. */
  push(text: string, isLast: boolean): string {
    const all = this.#held + text
    const stop = this.#firstStop(all)
    if (stop !== null) {
      this.#matched = stop
      this.#held = ''
      return all.slice(0, all.indexOf(stop))
    }
    const safe = isLast ? all.length : all.length - this.#unfinished(all)
    this.#held = all.slice(safe)
    return all.slice(0, safe)
  }

  #firstStop(text: string): string | null {
    const found = this.#stops.filter(stop => text.includes(stop))
    return found.sort((a, b) => text.indexOf(a) - text.indexOf(b))[0] ?? null
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
