import type { DashboardWorker, Overview } from '../../../main/protocol/dashboard.ts'
import type { ModelStatus } from '../../../main/protocol/models.ts'

export function aModel(change: Partial<ModelStatus> = {}): ModelStatus {
  return {
    modelId: 'tiny',
    fingerprint: 'f',
    state: 'ready',
    reason: null,
    sizeBytes: 1,
    memoryBytes: 1,
    contextTokens: 4096,
    createdAtMs: 1,
    lastUsedAtMs: null,
    activeRequests: 0,
    ...change,
  }
}

export function aWorker(change: Partial<DashboardWorker> = {}): DashboardWorker {
  return {
    workerId: 'self',
    hostname: 'studio',
    ip: '127.0.0.1',
    port: 8080,
    status: 'online',
    hardware: {
      chipModel: 'Apple M3',
      chipGeneration: 3,
      variant: 'base',
      gpuCores: 10,
      cpuCores: 8,
      performanceCores: 4,
      efficiencyCores: 4,
      unifiedMemoryGB: 16,
      metalVersion: null,
      osVersion: '15',
    },
    capabilities: { maxConcurrent: 8, supportedModelTiers: [], availableMemoryGB: 8 },
    priority: 50,
    metrics: null,
    power: null,
    sharing: { state: 'on', reason: null, untilMs: null },
    models: [aModel(), aModel({ modelId: 'large', state: 'unloaded' })],
    uptime: 1000,
    lastHeartbeat: 1,
    linkMs: null,
    ...change,
  }
}

export function anOverview(tokensPerSecond: number): Overview {
  return {
    workers: { total: 1, online: 1, offline: 0 },
    throughput: { current: tokensPerSecond, avg24h: null },
    requests: { active: 0, total24h: 0, errorRate24h: null },
    latency: { current: null, avg24h: null, p50: null, p95: null, p99: null },
  }
}
