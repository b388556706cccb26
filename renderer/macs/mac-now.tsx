// How a Mac does at this moment, on its card and on its page.
import type { DashboardWorker } from '../../main/protocol/dashboard.ts'
import { longDuration, unknown } from '../ui/format.ts'
import { Meter } from '../ui/meter.tsx'
import { useNow } from '../ui/use-now.ts'
import { when } from '../ui/when.ts'
import { memoryPercent, sayHeat, sayMemory, sayPower } from './describe-mac.ts'

export function MacMeters({ worker }: { readonly worker: DashboardWorker }) {
  const { metrics } = worker
  return (
    <div className="grid gap-1.5">
      <Meter label="GPU" value={metrics?.gpuUtilizationPercent ?? null} />
      <Meter label="CPU" value={metrics?.cpuUsagePercent ?? null} />
      <Meter label="Memory" value={memoryPercent(worker)} text={sayMemory(worker)} warnFrom={90} />
    </div>
  )
}

export interface MacFactsProps {
  readonly worker: DashboardWorker
  /** Also what only those ask who look closely. */
  readonly isExact?: boolean
}

export function MacFacts({ worker, isExact = false }: MacFactsProps) {
  const { metrics, uptime, ip, port, linkMs } = worker
  const facts: [string, string | null][] = [
    ['Requests', metrics ? sayRequests(metrics.activeRequests, metrics.queuedRequests) : unknown],
    ['Up for', longDuration(uptime)],
    ['Address', isExact ? `${ip}:${port}` : ip],
    ['There and back', isExact && linkMs !== null ? `${linkMs.toFixed(1)} ms` : null],
    ['Heat', sayHeat(worker)?.word ?? null],
    ['Power', sayPower(worker)],
  ]
  return (
    <dl className="figures grid grid-cols-[repeat(auto-fill,minmax(9.5rem,1fr))] gap-x-4 gap-y-1 text-xs">
      {facts.map(
        ([name, value]) =>
          value !== null && (
            <div key={name} className="flex min-w-0 gap-1.5">
              <dt className="shrink-0 text-muted">{name}</dt>
              <dd className="truncate" title={value}>
                {value}
              </dd>
            </div>
          ),
      )}
    </dl>
  )
}

/** "2, 1 waiting" */
function sayRequests(active: number, queued: number): string {
  return queued === 0 ? String(active) : `${active}, ${queued} waiting`
}

const minuteMs = 60_000

/** Of a Mac that is offline. */
export function LastSeen({ worker: { lastHeartbeat } }: { readonly worker: DashboardWorker }) {
  const now = useNow(minuteMs)
  return (
    <p className="text-muted">
      {lastHeartbeat === null ? 'Not seen yet.' : `Last seen at ${when(lastHeartbeat, now)}.`} It joins in
      again by itself when it is switched on and on this network.
    </p>
  )
}
