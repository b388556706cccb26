/** Time as a port: the real one, and one that tests move by hand (`test/support/manual-clock.ts`). */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Calls `run` once, `delayMs` from now; the returned function calls it off. */
  after(delayMs: number, run: () => void): () => void
  /** Calls `run` each `periodMs` until the returned function is called. */
  every(periodMs: number, run: () => void): () => void
}

export const realClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
  every: (periodMs, run) => {
    const timer = setInterval(run, periodMs)
    return () => clearInterval(timer)
  },
}
