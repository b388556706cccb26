// The dashboard's curves out of samples: pure arithmetic on times and sums.

/** What happened in one span of time. */
export interface Sample {
  /** Start of the span, milliseconds since the epoch. */
  atMs: number
  requests: number
  failed: number
  tokens: number
  /** Of all its requests together. */
  latencyMs: number
}

export const timeseriesMetrics = ['throughput', 'rps', 'latency', 'error_rate'] as const
export type TimeseriesMetric = (typeof timeseriesMetrics)[number]

export const timeseriesDurations = ['1h', '6h', '24h'] as const
export type TimeseriesDuration = (typeof timeseriesDurations)[number]

export interface Timeseries {
  readonly metric: TimeseriesMetric
  readonly unit: string
  readonly points: readonly { readonly timestamp: number; readonly value: number }[]
}

const hourMs = 3_600_000
/** Whole multiples of the 10 s of a sample, at most 240 points. */
const spans = {
  '1h': { durationMs: hourMs, stepMs: 20_000 },
  '6h': { durationMs: 6 * hourMs, stepMs: 120_000 },
  '24h': { durationMs: 24 * hourMs, stepMs: 360_000 },
} as const

const units = { throughput: 'tokens/s', rps: 'requests/s', latency: 'ms', error_rate: '%' } as const

/** Where a curve starts, and how far its points are apart. */
export function timeseriesGrid(
  duration: TimeseriesDuration,
  nowMs: number,
): { startMs: number; stepMs: number; count: number } {
  const { durationMs, stepMs } = spans[duration]
  const startMs = Math.floor(nowMs / stepMs) * stepMs - durationMs + stepMs
  return { startMs, stepMs, count: durationMs / stepMs }
}

/** Points stand at the start of their step. Where nothing was asked, latency and error rate have no point. */
export function makeTimeseries(
  metric: TimeseriesMetric,
  duration: TimeseriesDuration,
  samples: Iterable<Sample>,
  nowMs: number,
): Timeseries {
  const { startMs, stepMs, count } = timeseriesGrid(duration, nowMs)
  const steps = Array.from({ length: count }, (_, i) => emptySample(startMs + i * stepMs))
  for (const sample of samples) {
    const i = Math.floor((sample.atMs - startMs) / stepMs)
    const step = steps[i]
    if (step) steps[i] = addSamples(step, sample)
  }
  const points = steps.flatMap(step => {
    // The last step is still under way.
    const seconds = Math.max(1000, Math.min(stepMs, nowMs - step.atMs)) / 1000
    const value = measure(metric, step, seconds)
    return value === null ? [] : [{ timestamp: step.atMs, value }]
  })
  return { metric, unit: units[metric], points }
}

export function emptySample(atMs: number): Sample {
  return { atMs, requests: 0, failed: 0, tokens: 0, latencyMs: 0 }
}

export function addSamples(a: Sample, b: Sample): Sample {
  return {
    atMs: a.atMs,
    requests: a.requests + b.requests,
    failed: a.failed + b.failed,
    tokens: a.tokens + b.tokens,
    latencyMs: a.latencyMs + b.latencyMs,
  }
}

function measure(metric: TimeseriesMetric, step: Sample, seconds: number): number | null {
  switch (metric) {
    case 'throughput':
      return step.tokens / seconds
    case 'rps':
      return step.requests / seconds
    case 'latency':
      return step.requests === 0 ? null : step.latencyMs / step.requests
    case 'error_rate':
      return step.requests === 0 ? null : (100 * step.failed) / step.requests
  }
}
