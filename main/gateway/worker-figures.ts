import type { WorkerRecord } from '../cluster/view.ts'
import type { ModelStatus } from '../protocol/models.ts'
import type { WorkerFigures } from '../telemetry/mesh-metrics.ts'

const gibibyte = 2 ** 30

/** A Mac as `/metrics` shows it. What it last said of its load counts only while it is there. */
export function workerFigures({ registration, heartbeat, status }: WorkerRecord): WorkerFigures {
  const { workerId, hostname, hardware } = registration
  const online = status !== 'offline'
  const identity = { workerId, name: hostname, chip: hardware.chipModel, online }
  const totalRequestsHandled = heartbeat?.metrics.totalRequestsHandled ?? 0
  const generatedTokens = heartbeat?.metrics.totalTokensGenerated ?? 0
  if (!heartbeat || !online) return { ...identity, totalRequestsHandled, generatedTokens, activeRequests: 0 }
  const { metrics, sharing, models } = heartbeat
  return {
    ...identity,
    totalRequestsHandled,
    generatedTokens,
    activeRequests: metrics.activeRequests,
    queuedRequests: metrics.queuedRequests,
    sharing: sharing.state === 'on',
    gpuPercent: metrics.gpuUtilizationPercent,
    memoryBytes: hardware.unifiedMemoryGB * gibibyte,
    memoryUsedBytes: metrics.memoryUsedGB * gibibyte,
    models: models.map(({ modelId, state, memoryBytes }) => ({
      modelId,
      state: stateOf(state),
      memoryBytes,
    })),
  }
}

function stateOf(state: ModelStatus['state']): 'loaded' | 'failed' | 'other' {
  if (state === 'ready') return 'loaded'
  return state === 'failed' ? 'failed' : 'other'
}
