// Where the time of one request goes on this Mac: its model is loaded, it waits for a place in the batch, its prompt is
// read, its answer written. For the figures, and for its trace where it has one; costs nothing a token.
import type { EngineEvent, EngineTimings } from '../engine/engine.ts'
import type { InferenceRequest } from '../protocol/inference.ts'
import type { ServedFigures } from '../telemetry/engine-metrics.ts'
import { epochMs, type OpenSpan, type Tracing } from '../telemetry/tracing.ts'

const names = ['load', 'queue', 'prefill', 'decode'] as const

export interface Observers {
  readonly tracing: Tracing | null
  readonly figures: ServedFigures | null
}

export const nobody: Observers = { tracing: null, figures: null }

type Request = Pick<InferenceRequest, 'modelId' | 'requestId' | 'traceId' | 'traceparent' | 'resume'>

export class Phases {
  promptTokens = 0
  cachedTokens = 0
  readonly #modelId: string
  readonly #arrivedMs: number
  readonly #figures: ServedFigures | null
  readonly #span: OpenSpan | null
  /** When each phase ended, of `performance.now()`, as `arrivedMs` is. */
  readonly #endsMs: number[] = []
  #ended = false

  constructor(request: Request, arrivedMs: number, { tracing, figures }: Observers) {
    this.#modelId = request.modelId
    this.#arrivedMs = arrivedMs
    this.#figures = figures
    // Without a gateway's span it is one that is not traced.
    const isTraced = tracing !== null && request.traceparent !== undefined
    this.#span = isTraced ? tracing.begin('serve', spanOf(request, arrivedMs)) : null
  }

  /** The model is there, and the engine is asked. */
  loaded(): void {
    this.#endsMs.push(performance.now())
  }

  take(event: EngineEvent): void {
    if (this.#endsMs.length === names.length - 1 && event.type !== 'done') return
    if (event.type === 'started') {
      this.#endsMs.push(performance.now())
      this.promptTokens = event.promptTokens
      this.cachedTokens = event.cachedTokens
    } else if (event.type === 'tokens') this.#endsMs.push(performance.now())
    else if (event.type === 'done') this.#done(event.completionTokens, event.timings)
  }

  /** Without a last word of the engine; `error`: why. */
  failed(error: string): void {
    if (this.#ended) return
    this.#ended = true
    this.#tellSpans(performance.now())
    this.#span?.end(error === 'CANCELLED' ? null : error)
  }

  #done(completionTokens: number, timings: EngineTimings | undefined): void {
    this.#ended = true
    const nowMs = performance.now()
    const [loadedMs = nowMs, startedMs = nowMs, firstMs = nowMs] = this.#endsMs
    this.#figures?.served({
      modelId: this.#modelId,
      loadMs: loadedMs - this.#arrivedMs,
      queuedMs: startedMs - loadedMs,
      prefillMs: firstMs - startedMs,
      decodeMs: nowMs - firstMs,
    })
    if (!this.#span) return
    this.#tellSpans(nowMs)
    if (timings) this.#tellRuntime(timings, nowMs)
    this.#span.set({
      'gen_ai.usage.input_tokens': this.promptTokens,
      'gen_ai.usage.output_tokens': completionTokens,
      'gen_ai.usage.cache_read.input_tokens': this.cachedTokens,
    })
    this.#span.end()
  }

  #tellSpans(nowMs: number): void {
    const bounds = [this.#arrivedMs, ...this.#endsMs, nowMs]
    for (const [at, name] of names.entries()) {
      const [fromMs, untilMs] = bounds.slice(at)
      if (fromMs !== undefined && untilMs !== undefined) tell(this.#span, name, fromMs, untilMs)
    }
  }

  /** The runtime measures by its own clock: its phases are laid out backwards from its last word. */
  #tellRuntime({ waitedMs, readMs, wroteMs }: EngineTimings, nowMs: number): void {
    const readAtMs = nowMs - wroteMs - readMs
    const runtime = this.#span?.child('runtime', { atMs: epochMs(readAtMs - waitedMs) }) ?? null
    tell(runtime, 'runtime queue', readAtMs - waitedMs, readAtMs)
    tell(runtime, 'runtime prefill', readAtMs, nowMs - wroteMs)
    tell(runtime, 'runtime decode', nowMs - wroteMs, nowMs)
    runtime?.end(null, epochMs(nowMs))
  }
}

function tell(parent: OpenSpan | null, name: string, fromMs: number, untilMs: number): void {
  parent?.child(name, { atMs: epochMs(fromMs) }).end(null, epochMs(untilMs))
}

function spanOf({ modelId, requestId, traceId, traceparent, resume }: Request, arrivedMs: number) {
  return {
    kind: 'server',
    parent: traceparent,
    atMs: epochMs(arrivedMs),
    attributes: {
      'gen_ai.request.model': modelId,
      'mlx_mesh.request.id': traceId,
      'mlx_mesh.sequence.id': requestId,
      'mlx_mesh.resumed_tokens': resume?.ids.length ?? 0,
    },
  } as const
}
