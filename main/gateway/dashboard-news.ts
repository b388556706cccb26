// What dashboards are told, and when: looks at the mesh and at this gateway's requests while somebody listens, and does
// nothing at all otherwise. Each event becomes text once, for all who listen.
import type { WorkerRecord } from '../cluster/view.ts'
import type { Clock } from '../protocol/clock.ts'
import type { DashboardEvent, DashboardWorker, Overview, Snapshot } from '../protocol/dashboard.ts'
import type { RequestRecord } from '../telemetry/request-record.ts'
import type { GatewayOptions, MeshView } from './ports.ts'
import { requestJson } from './request-json.ts'
import type { Trace, Traffic } from './traffic.ts'

export interface DashboardNews {
  snapshot(): string
  start(): void
  stop(): void
}

export interface DashboardNewsOptions {
  readonly view: MeshView
  readonly traffic: Traffic
  readonly leader: GatewayOptions['leader']
  readonly describe: (worker: WorkerRecord) => DashboardWorker
  readonly overview: () => Overview
  readonly self: () => Snapshot['self']
  readonly refreshIntervalMs: number
  readonly clock: Clock
  readonly tell: (event: string) => void
}

/** What comes of a Mac within this time is one event. */
const gatherMs = 10
/** How often is looked at what nobody tells: silence, and who leads. */
const lookEachMs = 50
const progressEachMs = 250
/** Of what is under way at once, the oldest are shown one by one. */
const maxLive = 200
/** Above 100 requests a second only some are told one by one: so many in each tenth of a second. */
const allowancePeriodMs = 100
const allowance = 10

export function createDashboardNews(options: DashboardNewsOptions): DashboardNews {
  const { view, traffic, describe, overview, self, clock } = options
  /** Macs that dashboards know of, and whether as offline. */
  const isOffline = new Map<string, boolean>()
  /** Macs of whom something was heard that has not been told. */
  const dirty = new Set<string>()
  /** Requests whose beginning was told: their end will be. */
  const told = new Set<string>()
  let leaderId: string | null = null
  let progress = '[]'
  let allowedFromMs = 0
  let allowed = 0
  let callOff: (() => void)[] = []
  let callOffGathering: (() => void) | null = null

  return { snapshot, start, stop }

  function snapshot(): string {
    return JSON.stringify({
      type: 'snapshot',
      timestamp: clock.now(),
      self: self(),
      leaderId: currentLeader(),
      workers: view.workers().map(describe),
      live: traffic.live(maxLive),
      overview: overview(),
    } satisfies DashboardEvent)
  }

  function start(): void {
    for (const { registration, status } of view.workers())
      isOffline.set(registration.workerId, status === 'offline')
    leaderId = currentLeader()
    callOff = [
      view.onChange(heard),
      traffic.watch({ started, ended }),
      clock.every(lookEachMs, look),
      clock.every(progressEachMs, tellProgress),
      clock.every(options.refreshIntervalMs, () =>
        tell({ type: 'metrics_update', timestamp: clock.now(), overview: overview() }),
      ),
    ]
  }

  function stop(): void {
    for (const end of callOff) end()
    callOff = []
    callOffGathering?.()
    callOffGathering = null
    for (const known of [isOffline, dirty, told]) known.clear()
    progress = '[]'
  }

  function heard(workerId: string): void {
    dirty.add(workerId)
    callOffGathering ??= clock.after(gatherMs, tellOfWorkers)
  }

  function tellOfWorkers(): void {
    callOffGathering = null
    for (const workerId of dirty) tellOfWorker(workerId)
    dirty.clear()
  }

  function tellOfWorker(workerId: string): void {
    const timestamp = clock.now()
    const record = view.worker(workerId)
    if (!record) {
      if (isOffline.delete(workerId)) tell({ type: 'worker_removed', timestamp, workerId })
      return
    }
    const before = isOffline.get(workerId)
    const now = record.status === 'offline'
    isOffline.set(workerId, now)
    const worker = describe(record)
    if (now) {
      if (before !== true) tell({ type: 'worker_offline', timestamp, worker })
    } else if (before === false) tell({ type: 'worker_update', timestamp, worker })
    else tell({ type: 'worker_online', timestamp, worker })
  }

  function look(): void {
    for (const [workerId, before] of isOffline) {
      const status = view.worker(workerId)?.status
      if (status === undefined || (status === 'offline') !== before) tellOfWorker(workerId)
    }
    const leader = currentLeader()
    if (leader === leaderId) return
    leaderId = leader
    tell({ type: 'leader_changed', timestamp: clock.now(), leaderId })
  }

  function started(trace: Pick<Trace, 'live'>): void {
    if (!takeAllowance()) return
    const request = trace.live()
    told.add(request.requestId)
    tell({ type: 'request_started', timestamp: clock.now(), request })
  }

  function ended(record: RequestRecord): void {
    const { requestId } = record
    if (!(told.size > 0 && told.delete(requestId)) && !takeAllowance()) return
    tell({ type: 'request_completed', timestamp: clock.now(), request: requestJson(record) })
  }

  function takeAllowance(): boolean {
    const nowMs = clock.now()
    if (nowMs - allowedFromMs >= allowancePeriodMs || nowMs < allowedFromMs) {
      allowedFromMs = nowMs
      allowed = allowance
    }
    return allowed-- > 0
  }

  /** All of them in one event, also when none is left: a dashboard forgets by it what ended untold. */
  function tellProgress(): void {
    const requests = traffic.live(maxLive)
    const now = JSON.stringify(requests)
    if (now === progress) return
    progress = now
    tell({ type: 'request_progress', timestamp: clock.now(), requests })
  }

  function currentLeader(): string | null {
    return options.leader()?.workerId ?? null
  }

  function tell(event: DashboardEvent): void {
    options.tell(JSON.stringify(event))
  }
}
