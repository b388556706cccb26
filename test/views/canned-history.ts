// Requests that never were, the same each time.
import type {
  DashboardRequest,
  DashboardRequestDetail,
  DashboardWorker,
} from '../../main/protocol/dashboard.ts'

const everyMs = 8000

/** The latest first. */
export function cannedHistory(count: number, workers: readonly DashboardWorker[]): DashboardRequest[] {
  const nowMs = Date.now()
  return Array.from({ length: count }, (_, i) => {
    const worker = workers[i % Math.max(1, workers.length)]
    const status = i % 37 === 5 ? 'failed' : i % 23 === 4 ? 'cancelled' : 'completed'
    const tokensGenerated = status === 'failed' ? 0 : 40 + ((i * 67) % 400)
    const firstTokenMs = status === 'failed' ? null : 60 + ((i * 31) % 500)
    return {
      requestId: `req_past_${count - i}`,
      modelId: worker?.models[i % worker.models.length]?.modelId ?? 'SmolLM2-135M-Instruct',
      workerId: worker?.workerId ?? null,
      status,
      httpStatus: status === 'failed' ? 503 : 200,
      timestamp: nowMs - (i + 1) * everyMs,
      latencyMs: 200 + tokensGenerated * 22,
      firstTokenMs,
      queuedMs: firstTokenMs === null ? null : (i * 13) % 50,
      promptTokens: 30 + ((i * 97) % 4000),
      tokensGenerated,
      cachedTokens: i % 3 === 0 ? 512 : 0,
      errorCode: status === 'failed' ? 'NO_WORKER' : status === 'cancelled' ? 'CANCELLED' : null,
    }
  })
}

/** With the reasons for a Mac, and in every fourth request a hand-over. */
export function cannedDetail(
  request: DashboardRequest,
  workers: readonly DashboardWorker[],
): DashboardRequestDetail {
  const scores = workers.map(({ workerId }, i) => {
    const parts = {
      chip: 45 - 8 * i,
      gpuCores: 20,
      memory: 16,
      speed: 0,
      shared: 0,
      idle: 50 - 5 * i,
      queued: 0,
    }
    const more = {
      modelLoaded: i === 1 ? 0 : 30,
      prefix: i === 0 ? 12 : 0,
      preferred: 0,
      priority: 10,
      gpuBusy: -3 * i,
    }
    const total = Object.values({ ...parts, ...more }).reduce((sum, each) => sum + each, 0)
    return { workerId, ...parts, ...more, total, setAside: i === 2 ? ('paused' as const) : null }
  })
  const [first, second] = workers
  const base = { strategy: 'hardware_aware' as const, scores }
  const choices: DashboardRequestDetail['choices'] = first
    ? [{ ...base, workerId: first.workerId, from: null, atMs: request.timestamp + 1 }]
    : []
  if (first && second && request.requestId.endsWith('4'))
    choices.push({
      ...base,
      workerId: second.workerId,
      from: first.workerId,
      atMs: request.timestamp + request.latencyMs / 2,
    })
  return { ...request, choices }
}
