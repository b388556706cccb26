// Macs that do not exist, as the dashboard is told of them.
import type { DashboardWorker, LiveRequest, Overview } from '../../main/protocol/dashboard.ts'
import type { ModelState, ModelStatus } from '../../main/protocol/models.ts'
import type { Hardware } from '../../main/protocol/workers.ts'

const gibibyte = 2 ** 30

const chips = {
  studio: {
    chipModel: 'Apple M3 Ultra',
    chipGeneration: 3,
    variant: 'ultra',
    gpuCores: 80,
    cpuCores: 32,
    unifiedMemoryGB: 192,
  },
  pro: {
    chipModel: 'Apple M4 Max',
    chipGeneration: 4,
    variant: 'max',
    gpuCores: 40,
    cpuCores: 16,
    unifiedMemoryGB: 64,
  },
  air: {
    chipModel: 'Apple M2',
    chipGeneration: 2,
    variant: 'base',
    gpuCores: 10,
    cpuCores: 8,
    unifiedMemoryGB: 16,
  },
  mini: {
    chipModel: 'Apple M4 Pro',
    chipGeneration: 4,
    variant: 'pro',
    gpuCores: 20,
    cpuCores: 14,
    unifiedMemoryGB: 48,
  },
} as const

type Chip = keyof typeof chips

export interface CannedMac {
  readonly id: string
  readonly name: string
  readonly chip: Chip
  readonly models: readonly ModelStatus[]
  readonly change?: Partial<DashboardWorker>
}

export function cannedWorker({ id, name, chip, models, change = {} }: CannedMac): DashboardWorker {
  const hardware: Hardware = {
    ...chips[chip],
    performanceCores: Math.ceil(chips[chip].cpuCores * 0.7),
    efficiencyCores: Math.floor(chips[chip].cpuCores * 0.3),
    metalVersion: '4',
    osVersion: 'macOS 26.1',
  }
  const ready = models.filter(({ state }) => state === 'ready')
  const memoryUsedGB = 6 + ready.reduce((sum, { memoryBytes }) => sum + memoryBytes / gibibyte, 0)
  return {
    workerId: id,
    hostname: name,
    ip: `192.168.1.${10 + ((id.codePointAt(id.length - 1) ?? 0) % 200)}`,
    port: 8080,
    status: 'online',
    hardware,
    capabilities: {
      maxConcurrent: 256,
      supportedModelTiers: ['<3B', '3-7B', '7-13B'],
      availableMemoryGB: hardware.unifiedMemoryGB * 0.75,
    },
    priority: 50,
    metrics: {
      cpuUsagePercent: 12,
      memoryUsedGB,
      gpuUtilizationPercent: 0,
      activeRequests: 0,
      queuedRequests: 0,
      totalRequestsHandled: 1234,
      avgLatencyMs: 840,
      modelsLoaded: ready.map(({ modelId }) => modelId),
      availableMemoryGB: hardware.unifiedMemoryGB - memoryUsedGB,
      tokensPerSecond: Object.fromEntries(ready.map(({ modelId }) => [modelId, hardware.gpuCores * 1.4])),
    },
    power: {
      onBattery: chip === 'air' ? false : null,
      batteryPercent: chip === 'air' ? 82 : null,
      thermalState: 'nominal',
      temperatureCelsius: null,
    },
    sharing: { state: 'on', reason: null, untilMs: null },
    models: [...models],
    uptime: 5 * 3_600_000,
    lastHeartbeat: Date.now(),
    linkMs: id === 'mac-1' ? null : 0.8,
    ...change,
  }
}

export function cannedModel(
  modelId: string,
  sizeGB: number,
  state: ModelState,
  more: Partial<ModelStatus> = {},
): ModelStatus {
  const sizeBytes = Math.round(sizeGB * gibibyte)
  return {
    modelId,
    fingerprint: `fingerprint-of-${modelId}`,
    state,
    reason: null,
    sizeBytes,
    memoryBytes: state === 'ready' ? sizeBytes * 1.15 : 0,
    contextTokens: 32_768,
    createdAtMs: Date.now() - 30 * 86_400_000,
    lastUsedAtMs: state === 'ready' ? Date.now() - 60_000 : null,
    activeRequests: 0,
    ...more,
  }
}

export function offline(worker: DashboardWorker): DashboardWorker {
  return { ...worker, status: 'offline', uptime: 0 }
}

export function overviewOf(
  workers: readonly DashboardWorker[],
  live: readonly LiveRequest[],
  tokensPerSecond: number,
): Overview {
  const gone = workers.filter(({ status }) => status === 'offline').length
  return {
    workers: { total: workers.length, online: workers.length - gone, offline: gone },
    throughput: { current: tokensPerSecond, avg24h: 38.2 },
    requests: { active: live.length, total24h: 10_000, errorRate24h: 0.4 },
    latency: { current: 812, avg24h: 940, p50: 610, p95: 2400, p99: 6100 },
  }
}
