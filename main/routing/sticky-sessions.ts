// Which Mac each conversation is on. Pure: the time is passed in.

/** A conversation that goes on here is worth more than one that ended; so many take about 2 MB. */
const maxSessions = 10_000

export class StickySessions {
  /** Least recently used first. */
  readonly #sessions = new Map<string, { workerId: string; usedAtMs: number }>()
  readonly #ttlMs: number

  constructor(ttlMs: number) {
    this.#ttlMs = ttlMs
  }

  find(sessionId: string, nowMs: number): string | null {
    const session = this.#sessions.get(sessionId)
    return session && nowMs - session.usedAtMs <= this.#ttlMs ? session.workerId : null
  }

  /** From now on, until nothing is heard of the conversation for its time to live. */
  keep(sessionId: string, workerId: string, nowMs: number): void {
    this.#sessions.delete(sessionId)
    this.#sessions.set(sessionId, { workerId, usedAtMs: nowMs })
    for (const [oldest, { usedAtMs }] of this.#sessions) {
      if (this.#sessions.size <= maxSessions && nowMs - usedAtMs <= this.#ttlMs) break
      this.#sessions.delete(oldest)
    }
  }
}
