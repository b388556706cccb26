// The way of a request as spans for a tracing tool. Off unless the configuration says where they go: then nothing of
// OpenTelemetry is even loaded, and every room has null in place of a `Tracing`.
import { hostname } from 'node:os'
import type { Config } from '../config/config.ts'
import type { Log } from './log.ts'

export interface Tracing {
  /** `parent` is a `traceparent`; without one, or with one that is none, a trace begins here. */
  begin(name: string, options: SpanOptions & { readonly parent?: string | undefined }): OpenSpan
  /** Sends what has come together, for two seconds at most. */
  close(): Promise<void>
}

/** Never prompts, answers, or what quotes them. */
type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>

export interface SpanOptions {
  readonly kind?: 'server' | 'client'
  readonly attributes?: SpanAttributes
  /** Milliseconds since the epoch; now, if nothing is said. */
  readonly atMs?: number
}

export interface OpenSpan {
  /** For whoever goes on with the request. */
  readonly traceparent: string
  child(name: string, options?: SpanOptions): OpenSpan
  set(attributes: SpanAttributes): void
  /** Something that happened in the middle. */
  note(name: string, attributes?: SpanAttributes): void
  /** `error`: a code; null when all went well. What comes later is dropped. */
  end(error?: string | null, atMs?: number): void
}

type Settings = Config['monitoring']['tracing']

export interface TracingOptions {
  readonly settings: Settings
  readonly workerId: string
  readonly version: string
  readonly log: Log
}

export async function openTracing({
  settings,
  workerId,
  version,
  log,
}: TracingOptions): Promise<Tracing | null> {
  if (!settings.enabled) return null
  const { openSpans } = await import('./otlp-spans.ts')
  const about = {
    'service.name': 'mlx-mesh',
    'service.version': version,
    'service.instance.id': workerId,
    'host.name': hostname(),
  }
  return openSpans({ endpoint: settings.endpoint, sampleRatio: settings.sample_ratio, about, log })
}

let originMs = performance.timeOrigin

/** A moment of `performance.now()` on the system's clock, in fractions of a millisecond; by default this one. */
export function epochMs(monotonicMs = performance.now()): number {
  const driftMs = Date.now() - originMs - performance.now()
  if (Math.abs(driftMs) > mostDriftMs) originMs += driftMs // the machine has slept, or its clock was set
  return originMs + monotonicMs
}

const mostDriftMs = 50
