// What the dashboard is told: the shapes of `/api/dashboard/*` and the events of `WS /ws/dashboard`.
import { z } from 'zod'
import { recordedChoice } from './choices.ts'
import { modelStatus } from './models.ts'
import { hardware, sharing, workerMetrics, workerPower, workerStatus } from './workers.ts'

/** A Mac with its worker, as `/api/cluster/workers` and `/api/dashboard/workers` list it. */
export const dashboardWorker = z.object({
  workerId: z.string(),
  hostname: z.string(),
  ip: z.string(),
  port: z.number(),
  status: workerStatus,
  hardware,
  capabilities: z.object({
    maxConcurrent: z.number(),
    supportedModelTiers: z.array(z.string()),
    availableMemoryGB: z.number(),
  }),
  priority: z.number(),
  /** Null until its first heartbeat. */
  metrics: workerMetrics.nullable(),
  power: workerPower.nullable(),
  sharing: sharing.nullable(),
  models: z.array(modelStatus),
  /** Milliseconds; 0 while it is offline. */
  uptime: z.number(),
  /** Milliseconds since the epoch. */
  lastHeartbeat: z.number().nullable(),
  /** There and back from this Mac over the mesh, in milliseconds; null: not measured, or this Mac itself. */
  linkMs: z.number().nullable(),
})
export type DashboardWorker = z.infer<typeof dashboardWorker>

export const requestStatus = z.enum(['completed', 'failed', 'cancelled'])

/** A request that has ended, as lists show it. Times in milliseconds. */
export const dashboardRequest = z.object({
  requestId: z.string(),
  modelId: z.string(),
  workerId: z.string().nullable(),
  status: requestStatus,
  httpStatus: z.number(),
  /** When it arrived, since the epoch. */
  timestamp: z.number(),
  latencyMs: z.number(),
  firstTokenMs: z.number().nullable(),
  /** Of the time before the first token, what it waited for a model or a place in its batch; null where that is unknown. */
  queuedMs: z.number().nullable(),
  promptTokens: z.number(),
  tokensGenerated: z.number(),
  cachedTokens: z.number(),
  errorCode: z.string().nullable(),
})
export type DashboardRequest = z.infer<typeof dashboardRequest>

/** `GET /api/dashboard/requests/{requestId}` */
export const dashboardRequestDetail = dashboardRequest.extend({
  choices: z.array(recordedChoice).nullable(),
})
export type DashboardRequestDetail = z.infer<typeof dashboardRequestDetail>

/** A request of this Mac's gateway that is under way. */
const liveRequest = z.object({
  requestId: z.string(),
  modelId: z.string(),
  /** The Mac that has it now; null: none yet. */
  workerId: z.string().nullable(),
  phase: z.enum(['queued', 'prefill', 'generating']),
  timestamp: z.number(),
  tokensGenerated: z.number(),
  /** How often another Mac took over. */
  handovers: z.number(),
})
export type LiveRequest = z.infer<typeof liveRequest>

/** `GET /api/dashboard/overview`; what cannot be measured yet is null. */
export const overview = z.object({
  workers: z.object({ total: z.number(), online: z.number(), offline: z.number() }),
  throughput: z.object({ current: z.number(), avg24h: z.number().nullable() }),
  requests: z.object({
    active: z.number(),
    total24h: z.number(),
    /** Failed ones in percent of all. */
    errorRate24h: z.number().nullable(),
  }),
  latency: z.object({
    current: z.number().nullable(),
    avg24h: z.number().nullable(),
    p50: z.number().nullable(),
    p95: z.number().nullable(),
    p99: z.number().nullable(),
  }),
})
export type Overview = z.infer<typeof overview>

/** `GET /api/dashboard/workers/{workerId}/history?duration=1h|6h|24h`: what this Mac has seen of it since it started. */
export const workerHistory = z.object({
  points: z.array(
    z.object({
      timestamp: z.number(),
      cpuPercent: z.number(),
      gpuPercent: z.number(),
      memoryUsedGB: z.number(),
      activeRequests: z.number(),
      tokensPerSecond: z.number(),
    }),
  ),
})
export type WorkerHistory = z.infer<typeof workerHistory>

/** `GET /api/dashboard/workers/{workerId}/log?limit=200`: the end of that Mac's log, the oldest line first. */
export const workerLog = z.object({
  lines: z.array(z.object({ timestamp: z.number(), level: z.string(), message: z.string() })),
})
export type WorkerLog = z.infer<typeof workerLog>

/** `GET /api/dashboard/metrics/timeseries` */
export const timeseriesAnswer = z.object({
  metric: z.string(),
  unit: z.string(),
  points: z.array(z.object({ timestamp: z.number(), value: z.number() })),
})
export type TimeseriesAnswer = z.infer<typeof timeseriesAnswer>

/** The peer that the page talks to. */
const dashboardSelf = z.object({
  workerId: z.string(),
  name: z.string(),
  version: z.string(),
  mode: z.enum(['controller', 'worker', 'dual', 'standalone']),
})

/** The state of everything; the events that follow change it. */
const snapshotEvent = z.object({
  type: z.literal('snapshot'),
  timestamp: z.number(),
  self: dashboardSelf,
  leaderId: z.string().nullable(),
  workers: z.array(dashboardWorker),
  live: z.array(liveRequest),
  overview,
})

/**
 * `WS /ws/dashboard`: first a snapshot, and another one whenever this end could not keep up. Each event stands for itself:
 * a `worker_update` carries the whole worker. Above some 100 requests a second only samples of them are told one by one;
 * `metrics_update` counts all.
 */
export const dashboardEvent = z.discriminatedUnion('type', [
  snapshotEvent,
  z.object({ type: z.literal('worker_online'), timestamp: z.number(), worker: dashboardWorker }),
  z.object({ type: z.literal('worker_update'), timestamp: z.number(), worker: dashboardWorker }),
  z.object({ type: z.literal('worker_offline'), timestamp: z.number(), worker: dashboardWorker }),
  /** It is no member any more. */
  z.object({ type: z.literal('worker_removed'), timestamp: z.number(), workerId: z.string() }),
  z.object({ type: z.literal('leader_changed'), timestamp: z.number(), leaderId: z.string().nullable() }),
  z.object({ type: z.literal('request_started'), timestamp: z.number(), request: liveRequest }),
  /** What is under way has come further; several times a second at most. */
  z.object({ type: z.literal('request_progress'), timestamp: z.number(), requests: z.array(liveRequest) }),
  z.object({ type: z.literal('request_completed'), timestamp: z.number(), request: dashboardRequest }),
  z.object({ type: z.literal('metrics_update'), timestamp: z.number(), overview }),
])
export type DashboardEvent = z.infer<typeof dashboardEvent>
export type Snapshot = z.infer<typeof snapshotEvent>
