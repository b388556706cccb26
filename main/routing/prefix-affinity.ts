// Where the beginning of a request is in a prefix cache already: from the digests in heartbeats, and from where this
// gateway has sent such beginnings itself since. Pure: the time is passed in.
import type { Prefix } from '../protocol/prefixes.ts'
import type { PrefixMatch } from './candidate.ts'

/** Longer than most answers take, behind whose end the Mac's own digest says it. */
const rememberedMs = 60_000
const slots = 4096

const none: PrefixMatch = { length: 0, share: 0 }

/** The longest of the prefixes, from short to long, that `holds` knows. */
export function longestMatch(prefixes: readonly Prefix[], holds: (hash: string) => boolean): PrefixMatch {
  const whole = prefixes.at(-1)?.length ?? 0
  for (let i = prefixes.length - 1; i >= 0; i--) {
    const prefix = prefixes[i]
    if (prefix && holds(prefix.hash))
      return { length: prefix.length, share: prefix.length / Math.max(1, whole) }
  }
  return none
}

/** What was sent where lately. A table of fixed size: a later beginning may take the place of another one. */
export class RecentPrefixes {
  readonly #hashes = new Array<string>(slots).fill('')
  readonly #workerIds = new Array<string>(slots).fill('')
  readonly #sentAtMs = new Float64Array(slots)

  sent(prefixes: readonly Prefix[], workerId: string, nowMs: number): void {
    for (const { hash } of prefixes) {
      const slot = slotOf(hash)
      this.#hashes[slot] = hash
      this.#workerIds[slot] = workerId
      this.#sentAtMs[slot] = nowMs
    }
  }

  workerOf(hash: string, nowMs: number): string | null {
    const slot = slotOf(hash)
    if (this.#hashes[slot] !== hash || nowMs - (this.#sentAtMs[slot] ?? 0) > rememberedMs) return null
    return this.#workerIds[slot] ?? null
  }
}

function slotOf(hash: string): number {
  return (((hash.charCodeAt(0) & 63) << 6) | (hash.charCodeAt(1) & 63)) % slots
}
