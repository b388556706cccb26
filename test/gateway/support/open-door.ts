import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { WorkerRecord } from '../../../main/cluster/view.ts'
import type { GatewayOptions, MeshView, WorkerCommands } from '../../../main/gateway/ports.ts'
import { openStoredResponses } from '../../../main/gateway/responses/stored-responses.ts'
import { createGateway, type Gateway } from '../../../main/gateway/server.ts'
import { realClock } from '../../../main/protocol/clock.ts'
import type { ModelStatus } from '../../../main/protocol/models.ts'
import { silentLog } from '../../../main/telemetry/log.ts'
import { openMetrics } from '../../../main/telemetry/metrics.ts'
import type { RequestRecord } from '../../../main/telemetry/request-record.ts'
import { laptop } from '../../support/mesh-in-memory.ts'
import { makeTempFolder } from '../../support/temp-folder.ts'
import { openAccess } from './open-access.ts'
import { type ScriptedInfer, scriptInfer } from './scripted-infer.ts'

export interface Door {
  readonly gateway: Gateway
  readonly url: string
  readonly port: number
  readonly mesh: ScriptedInfer
  /** What the history was told. */
  readonly records: RequestRecord[]
  /** `load mac1 model` */
  readonly orders: string[]
}

/** A real gateway on a free port of loopback, over a scripted mesh of one Mac. */
export async function openDoor(options: Partial<GatewayOptions> = {}): Promise<Door> {
  const mesh = scriptInfer()
  const records: RequestRecord[] = []
  const orders: string[] = []
  const workers = [oneMac()]
  const order = (verb: string) => async (workerId: string, modelId: string) => {
    orders.push(`${verb} ${workerId} ${modelId}`)
    return { ...aModel, modelId }
  }
  const setSharing: WorkerCommands['setSharing'] = async (workerId, { state, minutes }) => {
    orders.push(`${state} ${workerId} ${minutes ?? ''}`.trim())
    return { state: state === 'on' ? 'on' : 'paused', reason: null, untilMs: null }
  }
  const pinModel: WorkerCommands['pinModel'] = (workerId, modelId, pinned) =>
    order(pinned ? 'pin' : 'unpin')(workerId, modelId)
  const responses = openStoredResponses({
    file: join(makeTempFolder(), 'responses.db'),
    clock: realClock,
    log: silentLog,
  })
  onTestFinished(() => responses.close())
  const gateway = createGateway({
    infer: mesh.infer,
    images: { allowed: false },
    view: {
      workers: () => workers,
      worker: id => workers.find(w => w.registration.workerId === id) ?? null,
      onChange: () => () => {},
    },
    ping: async () => {},
    commands: {
      loadModel: order('load'),
      unloadModel: order('unload'),
      removeModel: order('remove'),
      pinModel,
      setSharing,
    },
    readLog: async workerId => ({ lines: [{ timestamp: 1, level: 'info', message: `of ${workerId}` }] }),
    history: {
      record: record => void records.push(record),
      requests: ({ limit, status }) =>
        records.filter(record => status === null || record.status === status).slice(0, limit),
      request: requestId => records.find(record => record.requestId === requestId) ?? null,
      timeseries: metric => ({ metric, unit: 'x', points: [{ timestamp: 1, value: 7 }] }),
      overview: () => ({
        requests: records.length,
        successRate: null,
        tokensPerSecond: 3,
        latencyMs: 4,
        currentLatencyMs: 7,
        percentiles: { p50: 3, p95: 8, p99: 9 },
      }),
    },
    responses,
    metrics: openMetrics(() => [{ workerId: 'mac1', activeRequests: 1, totalRequestsHandled: 2 }]),
    mesh: null,
    settings: null,
    doctor: null,
    access: openAccess(),
    keys: null,
    audit: null,
    certificate: null,
    clock: realClock,
    log: silentLog,
    identity: { workerId: 'mac1', name: () => 'studio', version: '1.2.3', mode: 'dual' },
    leader: () => ({ workerId: 'mac1', name: 'studio' }),
    bindAddress: '127.0.0.1',
    port: 0,
    cors: { enabled: false, origins: [] },
    allowedHosts: [],
    pageFolder: null,
    refreshIntervalMs: 2000,
    dashboardPort: null,
    metricsPort: null,
    catalog: { memoryBudgetGB: 27, downloads: true },
    exportMetrics: true,
    ...options,
  })
  const { port } = await gateway.listen()
  onTestFinished(() => gateway.close(0))
  return { gateway, url: `http://127.0.0.1:${port}`, port, mesh, records, orders }
}

/** A mesh of one Mac that has these models. */
export function viewWith(...modelIds: readonly string[]): MeshView {
  const mac = oneMac()
  const models = modelIds.map(modelId => ({ ...aModel, modelId }))
  const worker = { ...mac, heartbeat: mac.heartbeat && { ...mac.heartbeat, models } }
  return { workers: () => [worker], worker: () => worker, onChange: () => () => {} }
}

const aModel: ModelStatus = {
  modelId: 'org/tiny',
  fingerprint: 'tiny',
  state: 'ready',
  reason: null,
  sizeBytes: 1000,
  memoryBytes: 2000,
  contextTokens: 4096,
  createdAtMs: 1_700_000_000_500,
  lastUsedAtMs: null,
  activeRequests: 0,
}

function oneMac(): WorkerRecord {
  const now = Date.now()
  return {
    registration: {
      workerId: 'mac1',
      hostname: 'studio',
      ip: '127.0.0.1',
      port: 8080,
      hardware: laptop,
      capabilities: { maxConcurrent: 8, supportedModelTiers: [], availableMemoryGB: 20 },
      priority: 50,
      status: 'online',
      epoch: now - 5000,
      timestamp: now,
    },
    heartbeat: {
      workerId: 'mac1',
      epoch: now - 5000,
      status: 'online',
      metrics: {
        cpuUsagePercent: 1,
        memoryUsedGB: 8,
        gpuUtilizationPercent: 0,
        activeRequests: 0,
        queuedRequests: 0,
        totalRequestsHandled: 0,
        avgLatencyMs: 0,
        modelsLoaded: ['org/tiny'],
        availableMemoryGB: 20,
        tokensPerSecond: {},
      },
      sharing: { state: 'on', reason: null, untilMs: null },
      prefixes: [],
      models: [aModel, { ...aModel, modelId: 'other', state: 'unloaded' }],
      timestamp: now,
    },
    lastHeardMs: now,
    status: 'online',
  }
}
