// Budgets that fill up evenly: one bucket for each account, as large as what comes in a minute. Tokens of an answer are known
// when it has ended, so a bucket may be drawn below zero; its owner waits until that is paid back.
import type { Clock } from '../protocol/clock.ts'

export interface Allowance {
  readonly limit: number
  /** Whole units that are left, 0 at least. */
  readonly remaining: number
  /** Until the bucket is full again. */
  readonly fullInMs: number
  /** Until there is one unit; 0: there is. */
  readonly nextInMs: number
}

interface Bucket {
  level: number
  atMs: number
  perMinute: number
}

const minuteMs = 60_000
/** What sums of fractions make of it. */
const one = 1 - 1e-9

export class TokenBuckets {
  readonly #buckets = new Map<string, Bucket>()
  readonly #clock: Clock
  readonly #maxAccounts: number

  constructor(clock: Clock, maxAccounts = 10_000) {
    this.#clock = clock
    this.#maxAccounts = maxAccounts
  }

  /** As it is now; nothing is taken. */
  look(account: string, perMinute: number): Allowance {
    return this.#describe(this.#filled(account, perMinute))
  }

  /** Takes one if there is one: `nextInMs` is 0 then. */
  takeOne(account: string, perMinute: number): Allowance {
    const bucket = this.#filled(account, perMinute)
    if (bucket.level < one) return this.#describe(bucket)
    bucket.level--
    return { ...this.#describe(bucket), nextInMs: 0 }
  }

  /** What has been used already. */
  charge(account: string, perMinute: number, amount: number): void {
    this.#filled(account, perMinute).level -= amount
  }

  #filled(account: string, perMinute: number): Bucket {
    const nowMs = this.#clock.now()
    const known = this.#buckets.get(account)
    if (known) {
      // A clock that was set back fills nothing, and takes nothing either.
      const passedMs = Math.max(0, nowMs - known.atMs)
      known.level = Math.min(perMinute, known.level + (passedMs * perMinute) / minuteMs)
      known.atMs = nowMs
      known.perMinute = perMinute
      // The one that was used last stands last: strangers push out each other.
      this.#buckets.delete(account)
      this.#buckets.set(account, known)
      return known
    }
    if (this.#buckets.size >= this.#maxAccounts) this.#makeRoom(nowMs)
    const fresh = { level: perMinute, atMs: nowMs, perMinute }
    this.#buckets.set(account, fresh)
    return fresh
  }

  #describe({ level, perMinute }: Bucket): Allowance {
    const msFor = (units: number) => Math.max(0, Math.ceil((units * minuteMs) / perMinute))
    return {
      limit: perMinute,
      remaining: Math.max(0, Math.floor(level + 1e-9)),
      fullInMs: msFor(perMinute - level),
      nextInMs: level >= one ? 0 : msFor(1 - level),
    }
  }

  /** Full ones say nothing; when there are none, those that were not used for longest have to go. */
  #makeRoom(nowMs: number): void {
    for (const [account, { level, atMs, perMinute }] of this.#buckets) {
      if (level + ((nowMs - atMs) * perMinute) / minuteMs >= perMinute) this.#buckets.delete(account)
    }
    for (const account of this.#buckets.keys()) {
      if (this.#buckets.size < this.#maxAccounts) return
      this.#buckets.delete(account)
    }
  }
}
