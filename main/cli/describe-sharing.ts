import type { Sharing } from '../protocol/workers.ts'
import { formatDuration } from './format.ts'

/** `sharing`, or `paused for 1 h 0 min: its owner asked for it`. */
export function describeSharing({ state, reason, untilMs }: Sharing, nowMs: number): string {
  if (state === 'on') return 'sharing'
  const minutes = untilMs === null ? null : Math.max(1, Math.ceil((untilMs - nowMs) / 60_000))
  const duration = minutes === null ? '' : ` for ${formatDuration(minutes * 60_000)}`
  return `${state}${duration}${reason === null ? '' : `: ${reason}`}`
}
