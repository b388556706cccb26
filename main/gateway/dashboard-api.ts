import type { WorkerRecord } from '../cluster/view.ts'
import type { DashboardWorker, Overview } from '../protocol/dashboard.ts'
import { MeshError } from '../protocol/errors.ts'
import { requestStatuses } from '../telemetry/request-record.ts'
import { timeseriesDurations, timeseriesMetrics } from '../telemetry/timeseries.ts'
import { HttpError } from './errors.ts'
import type { Exchange } from './exchange.ts'
import type { Links } from './links.ts'
import { refuseOthers } from './own-mac.ts'
import type { GatewayOptions, MeshView, RequestHistory } from './ports.ts'
import { choiceIn, limitIn, textIn, timeIn } from './query.ts'
import { requestJson } from './request-json.ts'
import type { Routes } from './router.ts'
import type { WorkerHistories } from './worker-history.ts'

export interface DashboardApiOptions {
  readonly view: MeshView
  readonly history: RequestHistory
  readonly histories: WorkerHistories
  readonly links: Pick<Links, 'watch'>
  readonly readLog: GatewayOptions['readLog']
  readonly overview: () => Overview
  readonly describe: (worker: WorkerRecord) => DashboardWorker
}

const maxListed = 1000

/** `/api/dashboard/*`; the shapes stand in `protocol/dashboard.ts`. */
export function dashboardRoutes(options: DashboardApiOptions): Routes {
  const { view, history, histories, links, readLog, overview, describe } = options
  return {
    'GET /api/dashboard/overview': exchange => exchange.json(200, overview()),
    'GET /api/dashboard/workers': exchange => {
      links.watch()
      exchange.json(200, view.workers().map(describe))
    },
    'GET /api/dashboard/workers/{workerId}/history': exchange => {
      const { workerId } = workerOf(exchange)
      const duration = choiceIn(exchange, 'duration', timeseriesDurations) ?? '1h'
      exchange.json(200, histories.of(workerId, duration))
    },
    'GET /api/dashboard/workers/{workerId}/log': async exchange => {
      refuseOthers(exchange, 'Logs are only shown')
      const { workerId, hostname } = workerOf(exchange)
      const limit = limitIn(exchange, 200, maxListed)
      if (view.worker(workerId)?.status === 'offline')
        throw new MeshError('NO_WORKER', `The Mac ${hostname} is offline: its log can be read there.`)
      exchange.json(200, await readLog(workerId, limit))
    },
    'GET /api/dashboard/metrics/timeseries': exchange => {
      const metric = choiceIn(exchange, 'metric', timeseriesMetrics) ?? 'throughput'
      const duration = choiceIn(exchange, 'duration', timeseriesDurations) ?? '1h'
      exchange.json(200, history.timeseries(metric, duration))
    },
    'GET /api/dashboard/requests': exchange => {
      const requests = history.requests({
        limit: limitIn(exchange, 100, maxListed),
        status: choiceIn(exchange, 'status', requestStatuses),
        text: textIn(exchange, 'q'),
        modelId: textIn(exchange, 'model'),
        workerId: textIn(exchange, 'worker'),
        beforeMs: timeIn(exchange, 'before'),
        afterId: textIn(exchange, 'after'),
      })
      exchange.json(200, requests.map(requestJson))
    },
    'GET /api/dashboard/requests/{requestId}': exchange => {
      const [requestId = ''] = exchange.params
      const record = history.request(requestId)
      if (!record) {
        const message = `Nothing is kept of a request '${requestId}' on this Mac: ask the one that it was sent to.`
        throw new HttpError(404, 'request_not_found', message, { param: 'requestId' })
      }
      exchange.json(200, { ...requestJson(record), choices: record.choices })
    },
  }

  function workerOf({ params: [workerId = ''] }: Exchange): WorkerRecord['registration'] {
    const worker = view.worker(workerId)
    if (worker) return worker.registration
    const message = `There is no Mac with the id '${workerId}' in this mesh.`
    throw new HttpError(404, 'worker_not_found', message, { param: 'workerId' })
  }
}
