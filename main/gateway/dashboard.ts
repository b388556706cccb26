// Everything that dashboards see of the mesh: their part of the HTTP interface, and who listens for events.
import type { WorkerRecord } from '../cluster/view.ts'
import type { DashboardWorker } from '../protocol/dashboard.ts'
import { dashboardRoutes } from './dashboard-api.ts'
import { createDashboardClients, type DashboardClients } from './dashboard-clients.ts'
import { createDashboardNews } from './dashboard-news.ts'
import { createLinks } from './links.ts'
import { makeOverview } from './overview.ts'
import type { GatewayOptions } from './ports.ts'
import type { Routes } from './router.ts'
import type { Traffic } from './traffic.ts'
import { createWorkerHistories } from './worker-history.ts'
import { workerJson } from './worker-json.ts'

export interface Dashboard {
  readonly routes: Routes
  readonly clients: DashboardClients
  readonly describe: (worker: WorkerRecord) => DashboardWorker
  close(): void
}

type Options = Pick<
  GatewayOptions,
  'view' | 'history' | 'leader' | 'identity' | 'clock' | 'ping' | 'readLog' | 'refreshIntervalMs'
>

export function openDashboard(options: Options, traffic: Traffic): Dashboard {
  const { view, history, identity, clock, ping, readLog } = options
  const { workerId, version, mode } = identity
  const links = createLinks({ view, ping, selfId: workerId, isWatched: () => clients.count > 0, clock })
  const histories = createWorkerHistories(view, clock)
  const overview = () => makeOverview({ view, history, traffic })
  const describe = (worker: WorkerRecord) =>
    workerJson(worker, clock.now(), links.of(worker.registration.workerId))
  const news = createDashboardNews({
    ...options,
    traffic,
    describe,
    overview,
    self: () => ({ workerId, name: identity.name(), version, mode }),
    tell: event => clients.tell(event),
  })
  const clients = createDashboardClients({
    snapshot: news.snapshot,
    onFirst: () => {
      links.watch()
      news.start()
    },
    onLast: news.stop,
    clock,
  })
  return {
    routes: dashboardRoutes({ view, history, histories, links, readLog, overview, describe }),
    clients,
    describe,
    close: () => {
      clients.close()
      histories.close()
      links.close()
    },
  }
}
