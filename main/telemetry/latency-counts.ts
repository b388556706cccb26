// Latencies counted in buckets that grow with them: what percentiles are made of, however many requests there were. A
// bucket is 4 % wide, so a percentile is at most that far off. Pure arithmetic.

/** Buckets to an octave of time, from a quarter of a millisecond on, up to a good hour. */
const bucketsEachOctave = 16
const shortestMs = 0.25
const octaves = 24
export const latencyBuckets = octaves * bucketsEachOctave

export function bucketOf(latencyMs: number): number {
  if (!(latencyMs > shortestMs)) return 0
  const bucket = Math.floor(Math.log2(latencyMs / shortestMs) * bucketsEachOctave)
  return Math.min(bucket, latencyBuckets - 1)
}

export interface Percentiles {
  readonly p50: number | null
  readonly p95: number | null
  readonly p99: number | null
}

/** Of `counts[bucket]` requests; null without any. */
export function percentilesOf(counts: ArrayLike<number>): Percentiles {
  let all = 0
  for (let bucket = 0; bucket < latencyBuckets; bucket++) all += counts[bucket] ?? 0
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }

  function at(share: number): number | null {
    if (all === 0) return null
    let below = 0
    for (let bucket = 0; bucket < latencyBuckets; bucket++) {
      const count = counts[bucket] ?? 0
      if (below + count >= share * all && count > 0)
        return shortestMs * 2 ** ((bucket + (share * all - below) / count) / bucketsEachOctave)
      below += count
    }
    return null
  }
}
