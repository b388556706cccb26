// What `GET /metrics` says, in Prometheus's text format. Counting one request costs a few microseconds, a token nothing.
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { countServed, type ServedFigures } from './engine-metrics.ts'
import { describeMesh, type WorkerFigures } from './mesh-metrics.ts'
import { ModelLabels } from './model-labels.ts'
import type { RequestRecord } from './request-record.ts'

export interface Metrics extends ServedFigures {
  requestStarted(): void
  requestEnded(record: RequestRecord): void
  text(): Promise<string>
  readonly contentType: string
}

const durationBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]
const firstTokenBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
const tokenBuckets = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1]
const countBuckets = [1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144]

/** `workers`: what is known of each Mac at the moment of the question. */
export function openMetrics(workers: () => Iterable<WorkerFigures>): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const labels = new ModelLabels()
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
  const firstToken = histogram(
    'time_to_first_token_seconds',
    'Time from the arrival of a request to its first token.',
    firstTokenBuckets,
  )
  const perToken = histogram(
    'time_per_output_token_seconds',
    'Mean time between the tokens of an answer, one observation a request.',
    tokenBuckets,
  )
  const queue = histogram(
    'queue_seconds',
    'Time from the arrival of a request to its place in the batch of a Mac.',
    firstTokenBuckets,
  )
  const promptLength = histogram('request_prompt_tokens', 'Tokens of each prompt.', countBuckets)
  const answerLength = histogram('request_generated_tokens', 'Tokens of each answer.', countBuckets)
  const promptTokens = counter('prompt_tokens', 'Tokens of prompts.')
  const cachedTokens = counter('cached_prompt_tokens', 'Tokens of prompts out of the prefix cache.')
  const generatedTokens = counter('generated_tokens', 'Tokens generated.')
  const handovers = counter('handovers', 'Answers that another Mac has gone on with.')
  const failures = new Counter({
    name: 'mlx_gateway_failures_total',
    help: 'Requests that were not answered, by the reason.',
    labelNames: ['model', 'code'],
    registers,
  })
  describeMesh(registry, workers)
  const { served } = countServed(registry, labels)

  return {
    requestStarted: () => active.inc(),
    requestEnded(record) {
      active.dec()
      const model = labelFor(record)
      duration.observe({ model, status: record.status }, record.latencyMs / 1000)
      if (record.queuedMs !== null) queue.observe({ model }, record.queuedMs / 1000)
      if (record.firstTokenMs !== null) {
        firstToken.observe({ model }, record.firstTokenMs / 1000)
        const gaps = record.tokensGenerated - 1
        if (gaps > 0) perToken.observe({ model }, (record.latencyMs - record.firstTokenMs) / 1000 / gaps)
      }
      if (record.promptTokens > 0) promptLength.observe({ model }, record.promptTokens)
      if (record.tokensGenerated > 0) answerLength.observe({ model }, record.tokensGenerated)
      promptTokens.inc({ model }, record.promptTokens)
      cachedTokens.inc({ model }, record.cachedTokens)
      generatedTokens.inc({ model }, record.tokensGenerated)
      const moved = record.choices?.filter(({ from }) => from !== null).length ?? 0
      if (moved > 0) handovers.inc({ model }, moved)
      if (record.errorCode !== null) failures.inc({ model, code: record.errorCode })
    },
    served,
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }

  function histogram(name: string, help: string, buckets: number[]): Histogram<'model'> {
    return new Histogram({ name: `mlx_gateway_${name}`, help, labelNames: ['model'], buckets, registers })
  }

  function counter(name: string, help: string): Counter<'model'> {
    return new Counter({ name: `mlx_gateway_${name}_total`, help, labelNames: ['model'], registers })
  }

  /** A client may ask for any name: only names of models that a Mac has taken a request for become labels. */
  function labelFor({ modelId, workerId, errorCode }: RequestRecord): string {
    const isDoubtful = workerId === null || errorCode === 'MODEL_NOT_FOUND'
    return isDoubtful ? labels.doubtful(modelId) : labels.known(modelId)
  }
}
