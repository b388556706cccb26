import type { Overview } from '../protocol/dashboard.ts'
import type { MeshView, RequestHistory } from './ports.ts'
import type { Traffic } from './traffic.ts'
import { countWorkers } from './worker-json.ts'

export interface OverviewSources {
  readonly view: Pick<MeshView, 'workers'>
  readonly history: Pick<RequestHistory, 'overview'>
  readonly traffic: Pick<Traffic, 'active' | 'tokensPerSecond'>
}

/** The figures at the top of the dashboard: of this Mac's gateway, but for the count of Macs. */
export function makeOverview({ view, history, traffic }: OverviewSources): Overview {
  const day = history.overview()
  return {
    workers: countWorkers(view.workers()),
    throughput: { current: traffic.tokensPerSecond, avg24h: day.tokensPerSecond },
    requests: {
      active: traffic.active,
      total24h: day.requests,
      errorRate24h: day.successRate === null ? null : 100 * (1 - day.successRate),
    },
    latency: { current: day.currentLatencyMs, avg24h: day.latencyMs, ...day.percentiles },
  }
}
