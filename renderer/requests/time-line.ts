// What happened in the life of a request, and when. Pure.
import type { DashboardRequestDetail } from '../../main/protocol/dashboard.ts'

export interface Moment {
  /** Since it arrived. */
  readonly atMs: number
  readonly text: string
  readonly isHandover: boolean
}

export interface Span {
  readonly kind: 'waiting' | 'reading' | 'writing'
  readonly fromMs: number
  readonly toMs: number
}

const endWords = { completed: 'The answer was complete', failed: 'It failed', cancelled: 'It was cancelled' }

/** In their order. */
export function momentsOf(detail: DashboardRequestDetail, nameOf: (workerId: string) => string): Moment[] {
  const { timestamp, queuedMs, firstTokenMs, latencyMs, status, choices } = detail
  const moments: Moment[] = [{ atMs: 0, text: 'It arrived at this Mac', isHandover: false }]
  for (const [i, { workerId, from, atMs }] of (choices ?? []).entries()) {
    const isHandover = from !== null && from !== workerId
    const mac = nameOf(workerId)
    const text = isHandover
      ? `${nameOf(from)} handed over to ${mac}`
      : i === 0
        ? `${mac} was chosen`
        : `${mac} was chosen next`
    moments.push({ atMs: Math.max(0, atMs - timestamp), text, isHandover })
  }
  if (queuedMs !== null && queuedMs >= 1)
    moments.push({ atMs: queuedMs, text: 'Its prompt was being read', isHandover: false })
  if (firstTokenMs !== null)
    moments.push({ atMs: firstTokenMs, text: 'The first token came', isHandover: false })
  moments.push({ atMs: latencyMs, text: endWords[status], isHandover: false })
  return moments.sort((one, other) => one.atMs - other.atMs)
}

export function spansOf({
  queuedMs,
  firstTokenMs,
  latencyMs,
}: Pick<DashboardRequestDetail, 'queuedMs' | 'firstTokenMs' | 'latencyMs'>): Span[] {
  const first = Math.min(firstTokenMs ?? latencyMs, latencyMs)
  const began = Math.min(queuedMs ?? (firstTokenMs === null ? latencyMs : 0), first)
  const spans: Span[] = [
    { kind: 'waiting', fromMs: 0, toMs: began },
    { kind: 'reading', fromMs: began, toMs: first },
    { kind: 'writing', fromMs: first, toMs: latencyMs },
  ]
  return spans.filter(({ fromMs, toMs }) => toMs > fromMs)
}
