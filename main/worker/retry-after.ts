// When a Mac that is full will have room again.

export interface Load {
  readonly active: number
  /** Of these, those that wait for a model or a place in its batch. */
  readonly queued: number
  /** Of the requests that ended lately; 0 when none has. */
  readonly avgLatencyMs: number
}

const soonestMs = 1000
const latestMs = 30_000

/**
 * Requests end at the rate active / latency (Little's law); one that comes back when as many have ended as wait now is the
 * next in line.
 */
export function retryAfterMs({ active, queued, avgLatencyMs }: Load): number {
  const drainMs = (avgLatencyMs * (queued + 1)) / Math.max(1, active)
  return Math.round(Math.min(latestMs, Math.max(soonestMs, drainMs)))
}
