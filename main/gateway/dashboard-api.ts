import type { Clock } from '../protocol/clock.ts'
import { requestStatuses } from '../telemetry/request-record.ts'
import { timeseriesDurations, timeseriesMetrics } from '../telemetry/timeseries.ts'
import { HttpError, invalid } from './errors.ts'
import type { Exchange } from './exchange.ts'
import type { MeshView, RequestHistory } from './ports.ts'
import type { Routes } from './router.ts'
import type { Traffic } from './traffic.ts'
import { countWorkers, workerJson } from './worker-json.ts'

export interface DashboardApiOptions {
  readonly view: MeshView
  readonly history: RequestHistory
  readonly traffic: Traffic
  readonly clock: Clock
}

const maxListed = 1000

/** `/api/dashboard/*` */
export function dashboardRoutes({ view, history, traffic, clock }: DashboardApiOptions): Routes {
  return {
    'GET /api/dashboard/overview': exchange => {
      const day = history.overview()
      exchange.json(200, {
        workers: countWorkers(view.workers()),
        throughput: { current: current('throughput') ?? 0, avg24h: day.tokensPerSecond },
        requests: { active: traffic.active, total24h: day.requests },
        latency: { current: current('latency'), avg24h: day.latencyMs },
      })
    },
    'GET /api/dashboard/workers': exchange =>
      exchange.json(
        200,
        view.workers().map(worker => workerJson(worker, clock.now())),
      ),
    'GET /api/dashboard/metrics/timeseries': exchange => {
      const metric = choice(exchange, 'metric', timeseriesMetrics) ?? 'throughput'
      const duration = choice(exchange, 'duration', timeseriesDurations) ?? '1h'
      exchange.json(200, history.timeseries(metric, duration))
    },
    'GET /api/dashboard/requests': exchange => {
      const status = choice(exchange, 'status', requestStatuses)
      const requests = history.requests(limitOf(exchange), status)
      exchange.json(
        200,
        requests.map(({ startedAtMs, ...request }) => ({ ...request, timestamp: startedAtMs })),
      )
    },
    'GET /api/dashboard/requests/{requestId}': exchange => {
      const [requestId = ''] = exchange.params
      const record = history.request(requestId)
      if (!record) {
        const message = `Nothing is kept of a request '${requestId}' on this Mac: ask the one that it was sent to.`
        throw new HttpError(404, 'request_not_found', message, { param: 'requestId' })
      }
      const { startedAtMs, ...request } = record
      exchange.json(200, { ...request, timestamp: startedAtMs })
    },
  }

  /** Of the last seconds; null when there was nothing to measure. */
  function current(metric: 'throughput' | 'latency'): number | null {
    return history.timeseries(metric, '1h').points.at(-1)?.value ?? null
  }
}

function choice<const T extends string>({ query }: Exchange, name: string, choices: readonly T[]): T | null {
  const given = query.get(name)
  if (given === null || given === '') return null
  const known = choices.find(candidate => candidate === given)
  if (known !== undefined) return known
  throw invalid(name, `Invalid value for '${name}': expected one of ${choices.join(', ')}.`)
}

function limitOf({ query }: Exchange): number {
  const given = query.get('limit') ?? '100'
  const limit = Number(given)
  if (Number.isInteger(limit) && limit >= 1 && limit <= maxListed) return limit
  throw invalid('limit', `Invalid value for 'limit': expected a whole number from 1 to ${maxListed}.`)
}
