// What happened in the last day, for the dashboard. Requests wait in bounded memory and are written together, off their
// path; whatever the disk does, serving goes on.
import type { Clock } from '../protocol/clock.ts'
import type { Totals } from './history-database.ts'
import { isDamage, openHistoryFile, replaceDamaged } from './history-repair.ts'
import { bucketOf, latencyBuckets, type Percentiles, percentilesOf } from './latency-counts.ts'
import type { Log } from './log.ts'
import type { RequestQuery, RequestRecord, RequestSummary } from './request-record.ts'
import {
  addSamples,
  emptySample,
  makeTimeseries,
  type Sample,
  type Timeseries,
  type TimeseriesDuration,
  type TimeseriesMetric,
  timeseriesGrid,
} from './timeseries.ts'

export interface History {
  /** Costs an addition or two; written within 250 ms. */
  record(request: RequestRecord): void
  /** The latest first; above some 1,000 requests a second not every one is listed, but every one is counted. */
  requests(query: RequestQuery): readonly RequestSummary[]
  /** The latest of that id; null when it is not kept. */
  request(requestId: string): RequestRecord | null
  timeseries(metric: TimeseriesMetric, duration: TimeseriesDuration): Timeseries
  /** Of the last 24 hours. */
  overview(): Overview
  close(): void
  /** Writes that failed; they are tried again. */
  readonly failures: number
}

interface Overview {
  readonly requests: number
  /** Completed or cancelled, of all; null without requests. */
  readonly successRate: number | null
  /** Tokens per second while there was something to generate; null when there never was. */
  readonly tokensPerSecond: number | null
  readonly latencyMs: number | null
  /** Of the last seconds. */
  readonly currentLatencyMs: number | null
  /** Of completed requests: one that was refused at once says nothing about how fast answers are. */
  readonly percentiles: Percentiles
}

export interface HistoryOptions {
  readonly file: string
  readonly ttlHours: number
  readonly clock: Clock
  readonly log: Log
}

const spanMs = 10_000
/** Latencies are kept for spans of ten minutes: a day of them is read in two milliseconds. */
const latencySpanMs = 600_000
const flushMs = 250
const retryMs = 5000
const pruneMs = 600_000
const dayMs = 86_400_000
/** Writing so many takes about a millisecond; failed requests may take as much room again. */
const maxWaiting = 250
const maxWaitingSpans = dayMs / spanMs
const maxKept = 50_000

export function openHistory({ file, ttlHours, clock, log }: HistoryOptions): History {
  let database = openHistoryFile(file, log)
  let waiting: RequestRecord[] = []
  /** Spans that ended and are not written yet, and the one under way. */
  let ended: Sample[] = []
  let current = emptySample(spanStart())
  /** The span before. */
  let previous = current
  /** Completed requests by latency, since the last span was written. */
  let latencies = new Float64Array(latencyBuckets)
  /** What the file says of the last day; null: it has been written to since. */
  let kept: Kept | null = null
  let failures = 0
  let troubled = false
  let retryAtMs = 0
  const endTimers = [clock.every(flushMs, flush), clock.every(pruneMs, prune)]
  prune()

  return {
    record,
    requests: query => {
      write()
      return ask(() => database.requests(query), [])
    },
    request: requestId => {
      write()
      return ask(() => database.request(requestId), null)
    },
    timeseries(metric, duration) {
      const { startMs, stepMs } = timeseriesGrid(duration, clock.now())
      const kept = ask(() => database.samples(startMs, stepMs), [])
      return makeTimeseries(metric, duration, [...kept, ...ended, current], clock.now())
    },
    overview: () => {
      if (clock.now() >= current.atMs + spanMs) endSpan()
      const recent = addSamples(previous, current)
      const day = lastDay()
      return {
        ...makeOverview(day.totals, [...ended, current]),
        currentLatencyMs: recent.requests === 0 ? null : recent.latencyMs / recent.requests,
        percentiles: percentilesOf(latencies.map((count, bucket) => count + (day.latencies[bucket] ?? 0))),
      }
    },
    close() {
      for (const end of endTimers) end()
      endSpan()
      write()
      database.close()
    },
    get failures() {
      return failures
    },
  }

  function record(request: RequestRecord): void {
    if (clock.now() >= current.atMs + spanMs) endSpan()
    current.requests++
    current.tokens += request.tokensGenerated
    current.latencyMs += request.latencyMs
    const failed = request.status === 'failed'
    if (failed) current.failed++
    if (request.status === 'completed') {
      const bucket = bucketOf(request.latencyMs)
      latencies[bucket] = (latencies[bucket] ?? 0) + 1
    }
    if (waiting.length < (failed ? 2 * maxWaiting : maxWaiting)) waiting.push(request)
  }

  function endSpan(): void {
    if (current.requests > 0 && ended.length < maxWaitingSpans) ended.push(current)
    previous = spanStart() - current.atMs < 2 * spanMs ? current : emptySample(spanStart())
    current = emptySample(spanStart())
  }

  function flush(): void {
    if (clock.now() >= current.atMs + spanMs) endSpan()
    if (clock.now() >= retryAtMs) write()
  }

  function write(): void {
    if (waiting.length === 0 && ended.length === 0) return
    try {
      const span = ended.length > 0 ? { atMs: floorTo(latencySpanMs), counts: latencies } : null
      database.write(waiting, ended, span)
      waiting = []
      if (span) {
        ended = []
        latencies = new Float64Array(latencyBuckets)
        kept = null
      }
      troubled = false
    } catch (error) {
      survive(error)
    }
  }

  /** Read again each time something has been added: once in ten seconds at most. */
  function lastDay(): Kept {
    const fromMs = clock.now() - dayMs
    kept ??= {
      totals: ask(() => database.totals(fromMs), null),
      latencies: ask(() => database.latencies(fromMs), []),
    }
    return kept
  }

  function prune(): void {
    kept = null
    ask(() => database.prune(clock.now() - ttlHours * 3_600_000, maxKept), undefined)
  }

  function ask<T>(question: () => T, otherwise: T): T {
    try {
      return question()
    } catch (error) {
      survive(error)
      return otherwise
    }
  }

  function survive(error: unknown): void {
    failures++
    retryAtMs = clock.now() + retryMs
    if (isDamage(error)) {
      database.close()
      database = replaceDamaged(file, error, log)
    } else if (!troubled) log.warn('the history cannot be written; serving goes on', { file, error })
    troubled = true
  }

  function spanStart(): number {
    return floorTo(spanMs)
  }

  function floorTo(stepMs: number): number {
    return Math.floor(clock.now() / stepMs) * stepMs
  }
}

interface Kept {
  readonly totals: Totals | null
  readonly latencies: readonly number[]
}

function makeOverview(
  kept: Totals | null,
  recent: readonly Sample[],
): Omit<Overview, 'currentLatencyMs' | 'percentiles'> {
  const sum = recent.reduce(addSamples, { atMs: 0, ...(kept ?? emptySample(0)) })
  const busySpans = (kept?.busySpans ?? 0) + recent.filter(sample => sample.tokens > 0).length
  return {
    requests: sum.requests,
    successRate: sum.requests === 0 ? null : 1 - sum.failed / sum.requests,
    tokensPerSecond: busySpans === 0 ? null : sum.tokens / ((busySpans * spanMs) / 1000),
    latencyMs: sum.requests === 0 ? null : sum.latencyMs / sum.requests,
  }
}
