// Spans by OpenTelemetry, sent as OTLP over HTTP. Only loaded where tracing is on. Sending never holds anybody up: what does
// not fit into the queue is dropped, and a tool that does not answer is mentioned once.
import {
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { withoutLogin } from '../config/without-login.ts'
import { formatTraceparent, parseTraceparent, type TraceContext } from '../protocol/trace-context.ts'
import type { Log } from './log.ts'
import { epochMs, type OpenSpan, type SpanOptions, type Tracing } from './tracing.ts'

export interface SpansOptions {
  readonly endpoint: string
  /** Of the requests that do not say themselves whether they are traced. */
  readonly sampleRatio: number
  readonly about: Readonly<Record<string, string>>
  readonly log: Log
}

/** A few MB when the tool does not answer. */
const mostWaitingSpans = 4096
const sendEveryMs = 2000
const sendTimeoutMs = 5000
const lastSendMs = 2000

export function openSpans({ endpoint, sampleRatio, about, log }: SpansOptions): Tracing {
  const processor = new BatchSpanProcessor({
    exporter: complainOnce(
      new OTLPTraceExporter({ url: endpoint, timeoutMillis: sendTimeoutMs, concurrencyLimit: 2 }),
      endpoint,
      log,
    ),
    maxQueueSize: mostWaitingSpans,
    scheduledDelayMillis: sendEveryMs,
    exportTimeoutMillis: 2 * sendTimeoutMs,
  })
  const provider = new TracerProvider({
    resource: resourceFromAttributes(about),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampleRatio) }),
    spanProcessors: [processor],
  })
  const tracer = provider.getTracer('mlx-mesh')
  log.info('requests are traced', { endpoint: withoutLogin(endpoint), sampleRatio })
  return {
    begin: (name, { parent, ...options }) => {
      const asked = parent === undefined ? null : parseTraceparent(parent)
      return new TracedSpan(tracer, startSpan(tracer, name, options, asked && contextOf(asked)))
    },
    close: async () => {
      const late = Promise.withResolvers<void>()
      const timer = setTimeout(late.resolve, lastSendMs)
      await Promise.race([provider.shutdown().catch(() => {}), late.promise]) // the log has the reason
      clearTimeout(timer)
    },
  }
}

class TracedSpan implements OpenSpan {
  readonly traceparent: string
  readonly #tracer: Tracer
  readonly #span: Span

  constructor(tracer: Tracer, span: Span) {
    const { traceId, spanId, traceFlags } = span.spanContext()
    this.traceparent = formatTraceparent({ traceId, spanId, isSampled: isSampled(traceFlags) })
    this.#tracer = tracer
    this.#span = span
  }

  child(name: string, options: SpanOptions = {}): OpenSpan {
    const context = trace.setSpan(ROOT_CONTEXT, this.#span)
    return new TracedSpan(this.#tracer, startSpan(this.#tracer, name, options, context))
  }

  set(attributes: SpanOptions['attributes'] = {}): void {
    this.#span.setAttributes(attributes)
  }

  note(name: string, attributes: SpanOptions['attributes'] = {}): void {
    this.#span.addEvent(name, attributes, epochMs())
  }

  end(error: string | null = null, atMs = epochMs()): void {
    if (error !== null) {
      this.#span.setAttribute('error.type', error)
      this.#span.setStatus({ code: SpanStatusCode.ERROR, message: error })
    }
    this.#span.end(atMs)
  }
}

type Context = typeof ROOT_CONTEXT

const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT } as const

function startSpan(tracer: Tracer, name: string, options: SpanOptions, parent: Context | null): Span {
  const { kind, attributes = {}, atMs = epochMs() } = options
  const spanKind = kind ? kinds[kind] : SpanKind.INTERNAL
  return tracer.startSpan(name, { kind: spanKind, attributes, startTime: atMs }, parent ?? ROOT_CONTEXT)
}

/** Of a span in another program. */
function contextOf({ traceId, spanId, isSampled }: TraceContext): Context {
  const traceFlags = isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true })
}

function isSampled(flags: TraceFlags): boolean {
  return (flags & TraceFlags.SAMPLED) !== 0
}

/** Its failures in one line of the log, and once more when it is over; nobody else hears of them. */
function complainOnce(exporter: SpanExporter, endpoint: string, log: Log): SpanExporter {
  let failing = false
  return {
    export: (spans, report) =>
      exporter.export(spans, result => {
        const { error } = result
        if ((error !== undefined) !== failing) {
          failing = error !== undefined
          const fields = { endpoint: withoutLogin(endpoint), ...(error ? { error: error.message } : {}) }
          if (error) log.warn('traces cannot be sent; requests are answered all the same', fields)
          else log.info('traces are sent again', fields)
        }
        report(result)
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  }
}
