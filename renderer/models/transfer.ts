// How fast something comes, and how long it will still take, from how much was there when. Pure.

export interface Sample {
  readonly atMs: number
  readonly bytes: number
}

const windowMs = 12_000
/** Less than that says nothing about speed. */
const leastMs = 1500

/** Keeps the last seconds; a copy that began anew forgets what was. */
export function withSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1)
  if (last && sample.bytes < last.bytes) return [sample]
  const recent = samples.filter(({ atMs }) => sample.atMs - atMs <= windowMs)
  return [...recent, sample]
}

/** Bytes a second over the last seconds; null: not known yet. */
export function speedOf(samples: readonly Sample[]): number | null {
  const first = samples[0]
  const last = samples.at(-1)
  if (!first || !last || last.atMs - first.atMs < leastMs) return null
  return ((last.bytes - first.bytes) * 1000) / (last.atMs - first.atMs)
}

/** `about 3 min left`, in steps so coarse that it does not flicker; null: nobody knows. */
export function sayTimeLeft(leftBytes: number, bytesPerSecond: number | null): string | null {
  if (bytesPerSecond === null || bytesPerSecond <= 0) return null
  const seconds = leftBytes / bytesPerSecond
  if (seconds < 5) return 'a few seconds left'
  if (seconds < 60) return `about ${Math.ceil(seconds / 5) * 5} s left`
  if (seconds < 3600) return `about ${Math.ceil(seconds / 60)} min left`
  if (seconds > 48 * 3600) return 'more than two days left'
  return `about ${Math.floor(seconds / 3600)} h ${Math.ceil((seconds % 3600) / 600) * 10} min left`
}
