import { shareBeside } from '../protocol/batching.ts'
import type { Clock } from '../protocol/clock.ts'

/** What this worker has done, and how fast it decodes, for heartbeats. */
export interface Throughput {
  tokens(modelId: string, count: number): void
  requestEnded(latencyMs: number): void
  /** A stream has ended that had so many others beside it and took `decodeMs` for the tokens behind its first ones. */
  streamEnded(modelId: string, tokens: number, decodeMs: number, others: number): void
  readonly totalRequests: number
  readonly totalTokens: number
  readonly avgLatencyMs: number
  /** Tokens per second of each model over all its streams: a moving average over the last busy seconds. */
  tokensPerSecond(): Record<string, number>
  /** What a stream of each model gets when it is alone: a moving average over streams. */
  streamTokensPerSecond(): Record<string, number>
}

const windowMs = 1000
/** Weight of the newest second in the moving average. */
const newest = 0.3
/** Weight of the newest request in the average latency. */
const newestLatency = 0.05
/** Weight of the newest stream in the average speed of one. */
const newestStream = 0.2
/** What ends sooner says more about the timer than about the model. */
const shortestDecodeMs = 50

export function createThroughput(clock: Clock): Throughput {
  const models = new Map<string, { rate: number; windowStartMs: number; tokens: number }>()
  const streams = new Map<string, number>()
  let totalRequests = 0
  let totalTokens = 0
  let avgLatencyMs = 0

  return {
    tokens: (modelId, count) => {
      totalTokens += count
      const nowMs = clock.now()
      const model = models.get(modelId)
      if (!model) {
        models.set(modelId, { rate: 0, windowStartMs: nowMs, tokens: count })
        return
      }
      const elapsedMs = nowMs - model.windowStartMs
      if (elapsedMs >= windowMs) {
        // A pause is not slowness: a window that ran long was idle for the rest.
        if (elapsedMs < 2 * windowMs) {
          const rate = (model.tokens * 1000) / elapsedMs
          model.rate = model.rate === 0 ? rate : model.rate + newest * (rate - model.rate)
        }
        model.windowStartMs = nowMs
        model.tokens = 0
      }
      model.tokens += count
    },
    requestEnded: latencyMs => {
      totalRequests++
      avgLatencyMs =
        totalRequests === 1 ? latencyMs : avgLatencyMs + newestLatency * (latencyMs - avgLatencyMs)
    },
    streamEnded: (modelId, tokens, decodeMs, others) => {
      if (decodeMs < shortestDecodeMs || tokens <= 0) return
      const alone = (tokens * 1000) / decodeMs / shareBeside(others)
      const known = streams.get(modelId) ?? alone
      streams.set(modelId, known + newestStream * (alone - known))
    },
    get totalRequests() {
      return totalRequests
    },
    get totalTokens() {
      return totalTokens
    },
    get avgLatencyMs() {
      return avgLatencyMs
    },
    tokensPerSecond: () => Object.fromEntries([...models].map(([modelId, { rate }]) => [modelId, rate])),
    streamTokensPerSecond: () => Object.fromEntries(streams),
  }
}
