// The state behind a canned peer, and the events that its changes make.
import type {
  DashboardEvent,
  DashboardRequest,
  DashboardWorker,
  LiveRequest,
  Snapshot,
} from '../../main/protocol/dashboard.ts'
import type { ModelStatus } from '../../main/protocol/models.ts'
import type { Sharing } from '../../main/protocol/workers.ts'
import { cannedHistory } from './canned-history.ts'
import { overviewOf } from './canned-worker.ts'

export interface WorldOptions {
  readonly workers: readonly DashboardWorker[]
  /** Requests in the history. */
  readonly requests?: number
  /** Requests come and go by themselves. */
  readonly lively?: boolean
}

export interface World {
  readonly workers: readonly DashboardWorker[]
  readonly live: readonly LiveRequest[]
  /** The latest first. */
  readonly history: readonly DashboardRequest[]
  snapshot(): Snapshot
  onEvent(run: (event: DashboardEvent) => void): () => void
  emit(event: DashboardEvent): void
  /** Everybody hears of it. Null when there is no such Mac. */
  change(workerId: string, change: Partial<DashboardWorker>): DashboardWorker | null
  changeModel(workerId: string, modelId: string, change: Partial<ModelStatus>): ModelStatus | null
  share(workerId: string, sharing: Sharing): void
  /** It is no member any more. */
  remove(workerId: string): void
  start(request: Partial<LiveRequest>): LiveRequest
  progress(requestId: string, change: Partial<LiveRequest>): void
  complete(requestId: string, change?: Partial<DashboardRequest>): void
  close(): void
}

const metricsMs = 1000
const stepMs = 250

export function createWorld({ workers: given, requests = 0, lively = false }: WorldOptions): World {
  let workers = [...given]
  let live: LiveRequest[] = []
  const history = cannedHistory(requests, workers)
  const listeners = new Set<(event: DashboardEvent) => void>()
  let serial = 0
  const timers = lively ? [setInterval(liven, stepMs), setInterval(pulse, metricsMs)] : []

  const world: World = {
    get workers() {
      return workers
    },
    get live() {
      return live
    },
    history,
    snapshot: () => ({
      type: 'snapshot',
      timestamp: Date.now(),
      self: {
        workerId: workers[0]?.workerId ?? 'mac-0',
        name: workers[0]?.hostname ?? 'Desk',
        version: '0.1.0',
        mode: 'dual',
      },
      leaderId: workers[0]?.workerId ?? null,
      workers,
      live,
      overview: overviewOf(workers, live, speed()),
    }),
    onEvent(run) {
      listeners.add(run)
      return () => listeners.delete(run)
    },
    emit,
    change,
    changeModel(workerId, modelId, modelChange) {
      const worker = workers.find(each => each.workerId === workerId)
      const known = worker?.models.find(each => each.modelId === modelId)
      if (!worker || !known) return null
      const model = { ...known, ...modelChange }
      change(workerId, { models: worker.models.map(each => (each.modelId === modelId ? model : each)) })
      return model
    },
    share: (workerId, sharing) => void change(workerId, { sharing }),
    remove(workerId) {
      workers = workers.filter(each => each.workerId !== workerId)
      emit({ type: 'worker_removed', timestamp: Date.now(), workerId })
    },
    start(request) {
      const begun: LiveRequest = {
        requestId: `req_${++serial}`,
        modelId: workers[0]?.models[0]?.modelId ?? 'none',
        workerId: null,
        phase: 'queued',
        timestamp: Date.now(),
        tokensGenerated: 0,
        handovers: 0,
        ...request,
      }
      live = [...live, begun]
      emit({ type: 'request_started', timestamp: Date.now(), request: begun })
      return begun
    },
    progress(requestId, requestChange) {
      live = live.map(each => (each.requestId === requestId ? { ...each, ...requestChange } : each))
      emit({ type: 'request_progress', timestamp: Date.now(), requests: live })
    },
    complete(requestId, requestChange = {}) {
      const ended = live.find(each => each.requestId === requestId)
      if (!ended) throw new Error(`no request ${requestId} is under way`)
      live = live.filter(each => each !== ended)
      const request: DashboardRequest = { ...recordOf(ended), ...requestChange }
      history.unshift(request)
      emit({ type: 'request_completed', timestamp: Date.now(), request })
    },
    close: () => {
      for (const timer of timers) clearInterval(timer)
    },
  }
  return world

  function emit(event: DashboardEvent): void {
    for (const run of listeners) run(event)
  }

  function change(workerId: string, workerChange: Partial<DashboardWorker>): DashboardWorker | null {
    const before = workers.find(each => each.workerId === workerId)
    if (!before) return null
    const worker = { ...before, ...workerChange }
    workers = workers.map(each => (each === before ? worker : each))
    const gone = worker.status === 'offline'
    const came = !gone && before.status === 'offline'
    const type = gone ? 'worker_offline' : came ? 'worker_online' : 'worker_update'
    emit({ type, timestamp: Date.now(), worker })
    return worker
  }

  function speed(): number {
    return live.filter(({ phase }) => phase === 'generating').length * 31.5
  }

  function pulse(): void {
    emit({ type: 'metrics_update', timestamp: Date.now(), overview: overviewOf(workers, live, speed()) })
  }

  /** A little traffic: one begins now and then, each comes further, each ends. */
  function liven(): void {
    const able = workers.filter(
      ({ status, models }) => status === 'online' && models.some(({ state }) => state === 'ready'),
    )
    const worker = able[Math.floor(Math.random() * able.length)]
    const model = worker?.models.find(({ state }) => state === 'ready')
    if (worker && model && live.length < 6 && Math.random() < 0.4)
      world.start({ modelId: model.modelId, workerId: worker.workerId, phase: 'prefill' })
    for (const request of live) {
      if (request.tokensGenerated > 240) world.complete(request.requestId)
      else
        world.progress(request.requestId, {
          phase: 'generating',
          tokensGenerated: request.tokensGenerated + 8,
        })
    }
    for (const each of workers) {
      if (each.status === 'offline' || !each.metrics) continue
      const activeRequests = live.filter(({ workerId }) => workerId === each.workerId).length
      const gpuUtilizationPercent = Math.min(98, activeRequests * 33 + Math.random() * 6)
      change(each.workerId, {
        metrics: { ...each.metrics, activeRequests, gpuUtilizationPercent },
        lastHeartbeat: Date.now(),
      })
    }
  }
}

function recordOf({
  requestId,
  modelId,
  workerId,
  timestamp,
  tokensGenerated,
}: LiveRequest): DashboardRequest {
  return {
    requestId,
    modelId,
    workerId,
    status: 'completed',
    httpStatus: 200,
    timestamp,
    latencyMs: Date.now() - timestamp,
    firstTokenMs: 120,
    queuedMs: 4,
    promptTokens: 640,
    tokensGenerated,
    cachedTokens: 512,
    errorCode: null,
  }
}
