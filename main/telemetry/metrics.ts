// What `GET /metrics` says, in Prometheus's text format. Counting one request costs about a microsecond.
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { RequestRecord } from './request-record.ts'

export interface WorkerFigures {
  readonly workerId: string
  readonly activeRequests: number
  readonly totalRequestsHandled: number
}

export interface Metrics {
  requestStarted(): void
  requestEnded(record: RequestRecord): void
  text(): Promise<string>
  readonly contentType: string
}

/** Models named by clients are labels: so many at most, the rest is counted as "other". */
const maxModelLabels = 100

const durationBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]
const firstTokenBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
const tokenBuckets = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1]

/** `workers`: what is known of each Mac at the moment of the question. */
export function openMetrics(workers: () => Iterable<WorkerFigures>): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const active = new Gauge({
    name: 'mlx_gateway_active_requests',
    help: 'Requests that this gateway is answering.',
    registers,
  })
  const duration = new Histogram({
    name: 'mlx_gateway_request_duration_seconds',
    help: 'Time from the arrival of a request to the end of its answer.',
    labelNames: ['model', 'status'],
    buckets: durationBuckets,
    registers,
  })
  const firstToken = new Histogram({
    name: 'mlx_gateway_time_to_first_token_seconds',
    help: 'Time from the arrival of a request to its first token.',
    labelNames: ['model'],
    buckets: firstTokenBuckets,
    registers,
  })
  const perToken = new Histogram({
    name: 'mlx_gateway_time_per_output_token_seconds',
    help: 'Mean time between the tokens of an answer, one observation a request.',
    labelNames: ['model'],
    buckets: tokenBuckets,
    registers,
  })
  const promptTokens = makeTokenCounter('prompt_tokens', 'Tokens of prompts.')
  const cachedTokens = makeTokenCounter('cached_prompt_tokens', 'Tokens of prompts out of the prefix cache.')
  const generatedTokens = makeTokenCounter('generated_tokens', 'Tokens generated.')
  new Gauge({
    name: 'mlx_worker_active_requests',
    help: 'Requests that a worker has in hand.',
    labelNames: ['worker_id'],
    registers,
    collect() {
      this.reset()
      for (const worker of workers()) this.set({ worker_id: worker.workerId }, worker.activeRequests)
    },
  })
  new Counter({
    name: 'mlx_worker_total_requests',
    help: 'Requests that a worker has handled since it started.',
    labelNames: ['worker_id'],
    registers,
    collect() {
      this.reset()
      for (const worker of workers()) this.inc({ worker_id: worker.workerId }, worker.totalRequestsHandled)
    },
  })
  const models = new Set<string>()

  return {
    requestStarted: () => active.inc(),
    requestEnded(record) {
      active.dec()
      const model = labelFor(record)
      duration.observe({ model, status: record.status }, record.latencyMs / 1000)
      if (record.firstTokenMs !== null) {
        firstToken.observe({ model }, record.firstTokenMs / 1000)
        const gaps = record.tokensGenerated - 1
        if (gaps > 0) perToken.observe({ model }, (record.latencyMs - record.firstTokenMs) / 1000 / gaps)
      }
      promptTokens.inc({ model }, record.promptTokens)
      cachedTokens.inc({ model }, record.cachedTokens)
      generatedTokens.inc({ model }, record.tokensGenerated)
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }

  function makeTokenCounter(name: string, help: string): Counter<'model'> {
    return new Counter({ name: `mlx_gateway_${name}_total`, help, labelNames: ['model'], registers })
  }

  /** A client may ask for any name: only names of models that a Mac has taken a request for become labels. */
  function labelFor({ modelId, workerId, errorCode }: RequestRecord): string {
    if (models.has(modelId)) return modelId
    const isDoubtful = workerId === null || errorCode === 'MODEL_NOT_FOUND'
    if (isDoubtful || models.size >= maxModelLabels) return 'other'
    models.add(modelId)
    return modelId
  }
}
