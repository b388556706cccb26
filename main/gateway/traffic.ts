// Requests for text from their arrival to the last byte: what is in hand, and a record of each for the history.

import type { Caller } from '../access/caller.ts'
import type { RecordedChoice, Score } from '../protocol/choices.ts'
import type { Clock } from '../protocol/clock.ts'
import type { LiveRequest } from '../protocol/dashboard.ts'
import { asMeshError, MeshError } from '../protocol/errors.ts'
import { LiveTable } from '../protocol/live-table.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { RecentRate } from '../telemetry/recent-rate.ts'
import type { RequestRecord } from '../telemetry/request-record.ts'
import type { OpenSpan, Tracing } from '../telemetry/tracing.ts'
import type { Choice } from './choose-worker.ts'
import { HttpError, toFailure } from './errors.ts'
import type { Exchange } from './exchange.ts'
import type { Times } from './plan.ts'
import type { RequestHistory } from './ports.ts'
import { beginRequestSpan, endRequestSpan } from './request-span.ts'

export interface Traffic {
  /** Throws MeshError: OVERLOADED when there are too many already, SHUTTING_DOWN after `drain`. */
  begin(exchange: Exchange): Trace
  readonly draining: boolean
  readonly active: number
  /** Since the gateway started. */
  readonly total: number
  readonly failed: number
  /** Generated over the last seconds. */
  readonly tokensPerSecond: number
  /** What is in hand, the oldest first. */
  live(limit: number): LiveRequest[]
  /** Until the returned function is called. A watcher must cost little: it is told of every request. */
  watch(watcher: TrafficWatcher): () => void
  /** Resolves when none is in hand; after `graceMs` those that are left are given up. */
  drain(graceMs: number): Promise<void>
}

interface TrafficWatcher {
  /** Its body is here and names a model. */
  started(trace: Pick<Trace, 'live'>): void
  ended(record: RequestRecord): void
}

/** What one request has come to so far. */
export interface Trace {
  /** What its body asks for. */
  isFor(modelId: string): void
  promptTokens: number
  cachedTokens: number
  generatedTokens: number
  /** Of these, those that the model thought with. */
  reasoningTokens: number
  /** Remembers the moment of the first token; costs nothing later. */
  tokens(count: number): void
  /** A sequence has come to its place in a batch: its prompt is taken in from here on. */
  prefilling(): void
  /** A Mac has taken the request, or one of its sequences, from another one or for the first time. */
  chosen(choice: Choice, from: string | null): void
  times(): Times
  /** `thrown`: null when the answer is complete. */
  end(thrown: unknown): void
  live(): LiveRequest
}

export interface TrafficOptions {
  readonly history: RequestHistory
  readonly metrics: Metrics
  readonly clock: Clock
  readonly log: Log
  readonly maxActive: number
  /** What an answer, or the part of it that there was, came to. */
  readonly account: (caller: Caller, promptTokens: number, generatedTokens: number) => void
  readonly tracing?: Tracing | null
}

export function createTraffic(options: TrafficOptions): Traffic {
  const { history, metrics, clock, log, maxActive, account, tracing = null } = options
  const inHand = new LiveTable<OpenTrace>()
  const watchers = new Set<TrafficWatcher>()
  const tokens = new RecentRate()
  const surroundings = { clock, watchers, tokens, tracing }
  let serial = 0
  let total = 0
  let failed = 0
  let draining = false
  let onIdle: (() => void) | null = null

  return {
    begin(exchange) {
      if (draining) throw new MeshError('SHUTTING_DOWN', 'This Mac is stopping.')
      if (inHand.size >= maxActive) {
        const message = `This gateway already has ${inHand.size} requests in hand.`
        throw new MeshError('OVERLOADED', message, { retryAfterMs: 1000 })
      }
      const id = String(serial++)
      metrics.requestStarted()
      const trace = new OpenTrace(exchange, surroundings, record => {
        inHand.delete(id)
        total++
        if (record.status === 'failed') failed++
        metrics.requestEnded(record)
        account(exchange.caller, record.promptTokens, record.tokensGenerated)
        history.record(record)
        const { choices: _, ...fields } = record
        log.debug('a request ended', fields)
        for (const watcher of watchers) watcher.ended(record)
        if (inHand.size === 0) onIdle?.()
      })
      inHand.set(id, trace)
      return trace
    },
    live: limit => {
      const live: LiveRequest[] = []
      for (const trace of inHand.values()) {
        if (live.length === limit) break
        if (trace.modelId !== '') live.push(trace.live())
      }
      return live
    },
    watch(watcher) {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
    get tokensPerSecond() {
      return tokens.perSecond(clock.now())
    },
    get active() {
      return inHand.size
    },
    get total() {
      return total
    },
    get failed() {
      return failed
    },
    get draining() {
      return draining
    },
    async drain(graceMs) {
      draining = true
      if (inHand.size === 0) return
      const idle = new Promise<void>(resolve => {
        onIdle = resolve
      })
      const giveUp = () => {
        for (const trace of inHand.values())
          trace.exchange.abort(new MeshError('SHUTTING_DOWN', 'This Mac is stopping.'))
      }
      if (graceMs === 0) giveUp()
      const callOff = clock.after(graceMs, giveUp)
      await idle
      callOff()
    },
  }
}

interface Surroundings {
  readonly clock: Clock
  readonly watchers: ReadonlySet<TrafficWatcher>
  readonly tokens: RecentRate
  readonly tracing: Tracing | null
}

class OpenTrace implements Trace {
  readonly exchange: Exchange
  modelId = ''
  promptTokens = 0
  cachedTokens = 0
  generatedTokens = 0
  reasoningTokens = 0
  #queuedMs: number | null = null
  #firstTokenMs: number | null = null
  #phase: LiveRequest['phase'] = 'queued'
  #handovers = 0
  /** The Mac that took it last. */
  #workerId: string | null = null
  readonly #around: Surroundings
  readonly #startedAtMs: number
  readonly #choices: RecordedChoice[] = []
  readonly #span: OpenSpan | null
  readonly #onEnd: (record: RequestRecord) => void

  constructor(exchange: Exchange, around: Surroundings, onEnd: (record: RequestRecord) => void) {
    this.exchange = exchange
    this.#around = around
    this.#startedAtMs = around.clock.now()
    this.#onEnd = onEnd
    this.#span = around.tracing && beginRequestSpan(around.tracing, exchange)
    exchange.traceparent = this.#span?.traceparent
  }

  isFor(modelId: string): void {
    this.modelId = modelId
    if (modelId === '') return
    for (const watcher of this.#around.watchers) watcher.started(this)
  }

  tokens(count: number): void {
    if (count === 0) return
    this.generatedTokens += count
    this.#phase = 'generating'
    this.#around.tokens.add(count, this.#around.clock.now())
    if (this.#firstTokenMs !== null) return
    this.#firstTokenMs = performance.now() - this.exchange.arrivedMs
    // An answer that came all at once: nothing was waited for that could be told apart.
    this.#queuedMs ??= 0
  }

  prefilling(): void {
    if (this.#phase === 'queued') this.#phase = 'prefill'
    this.#queuedMs ??= performance.now() - this.exchange.arrivedMs
  }

  chosen({ workerId, strategy, scores }: Choice, from: string | null): void {
    this.#workerId = workerId
    if (from !== null) {
      this.#handovers++
      this.#span?.note('handed over', { 'mlx_mesh.from': from, 'mlx_mesh.to': workerId })
    }
    if (this.#choices.length >= (from === null ? maxBeginnings : maxChoices)) return
    const best = bestScores(scores, workerId)
    this.#choices.push({ workerId, from, atMs: this.#around.clock.now(), strategy, scores: best })
  }

  live(): LiveRequest {
    return {
      requestId: this.exchange.requestId,
      modelId: this.modelId,
      workerId: this.#workerId,
      phase: this.#phase,
      timestamp: this.#startedAtMs,
      tokensGenerated: this.generatedTokens,
      handovers: this.#handovers,
    }
  }

  times(): Times {
    const totalMs = performance.now() - this.exchange.arrivedMs
    return { totalMs, queuedMs: this.#queuedMs, firstTokenMs: this.#firstTokenMs }
  }

  end(thrown: unknown): void {
    const { requestId, workerId, arrivedMs, res } = this.exchange
    const errorCode = thrown === null ? null : codeOf(thrown)
    const record: RequestRecord = {
      requestId,
      modelId: this.modelId,
      workerId,
      status: errorCode === null ? 'completed' : errorCode === 'CANCELLED' ? 'cancelled' : 'failed',
      httpStatus: thrown === null || res.headersSent ? res.statusCode : toFailure(thrown).status,
      startedAtMs: this.#startedAtMs,
      latencyMs: performance.now() - arrivedMs,
      firstTokenMs: this.#firstTokenMs,
      queuedMs: this.#queuedMs,
      promptTokens: this.promptTokens,
      tokensGenerated: this.generatedTokens,
      cachedTokens: this.cachedTokens,
      errorCode,
      choices: this.#choices,
    }
    if (this.#span) endRequestSpan(this.#span, record)
    this.#onEnd(record)
  }
}

/** A request of many sequences begins as often, for much the same reasons; where one was handed over is news. */
const maxBeginnings = 4
const maxChoices = 16
const maxScores = 10

/** The best first, and among them the one that was chosen. */
function bestScores(scores: readonly Score[], workerId: string): Score[] {
  const sorted = [...scores].sort((a, b) => b.total - a.total)
  const kept = sorted.slice(0, maxScores)
  const chosen = sorted.findIndex(score => score.workerId === workerId)
  return chosen < maxScores ? kept : [...kept.slice(0, -1), ...sorted.slice(chosen, chosen + 1)]
}

function codeOf(thrown: unknown): string {
  return thrown instanceof HttpError ? 'INVALID_REQUEST' : asMeshError(thrown).code
}
