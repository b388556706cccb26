// How the mesh did over the last hours, as this Mac saw it; the last hour moves on.
import { useDeferredValue, useMemo, useState } from 'react'
import { type TimeseriesAnswer, timeseriesAnswer } from '../../main/protocol/dashboard.ts'
import type { Mesh } from '../peer/apply-events.ts'
import { useMesh } from '../peer/mesh-store.ts'
import { useAnswer } from '../peer/use-answer.ts'
import { Choice } from '../ui/choice.tsx'
import { duration, percent, rate } from '../ui/format.ts'
import { Problem } from '../ui/problem.tsx'
import { useSlowed } from '../ui/slowed.ts'
import { TimeChart } from '../ui/time-chart.tsx'
import { type Duration, durations, spanMs } from './durations.ts'

interface Trend {
  readonly metric: 'throughput' | 'rps' | 'latency' | 'error_rate'
  readonly title: string
  readonly unit: string
  readonly say: (value: number) => string
  /** Of the overviews that come by themselves; the others are asked for. */
  readonly live?: (overview: Mesh['overview']) => number | null
}

const trends: readonly Trend[] = [
  {
    metric: 'throughput',
    title: 'Speed',
    unit: 'tokens/s',
    say: rate,
    live: ({ throughput }) => throughput.current,
  },
  {
    metric: 'rps',
    title: 'Requests',
    unit: 'per second',
    say: value => (value < 10 ? value.toFixed(2) : rate(value)),
  },
  {
    metric: 'latency',
    title: 'Latency',
    unit: 'ms',
    say: duration,
    live: ({ latency }) => latency.current,
  },
  { metric: 'error_rate', title: 'Failed requests', unit: '%', say: percent },
]

/** A curve is dear to draw, and an hour of it changes little in so long. */
const curveMs = 5000
const again = { '1h': 10_000, '6h': 60_000, '24h': 60_000 } as const

export function Trends() {
  const [chosen, setChosen] = useState<Duration>('1h')
  return (
    <section aria-labelledby="trends" className="rounded-xl border border-line bg-surface p-4">
      <div className="mb-3 flex min-h-8 flex-wrap items-center justify-between gap-2">
        <h2 id="trends" className="font-semibold">
          Over time
        </h2>
        <Choice label="How far back" choices={durations} value={chosen} onChange={setChosen} />
      </div>
      <div className="grid gap-x-6 gap-y-5 md:grid-cols-2 2xl:grid-cols-4">
        {trends.map(trend => (
          <TrendChart key={trend.metric} trend={trend} duration={chosen} />
        ))}
      </div>
    </section>
  )
}

interface TrendChartProps {
  readonly trend: Trend
  readonly duration: Duration
}

function TrendChart({ trend, duration: span }: TrendChartProps) {
  const path = `/api/dashboard/metrics/timeseries?metric=${trend.metric}&duration=${span}`
  const { answer, error } = useAnswer(path, timeseriesAnswer, again[span])
  const heard = useMesh(mesh => (span === '1h' && trend.live ? mesh.pulse : null))
  const pulse = useSlowed(heard, curveMs)
  const points = useDeferredValue(useMemo(() => withPulse(answer, pulse, trend), [answer, pulse, trend]))
  const latest = heard?.at(-1)
  if (error && !answer) return <Problem error={error} />
  return (
    <TimeChart
      title={trend.title}
      unit={trend.unit}
      span={durations.find(({ value }) => value === span)?.words ?? ''}
      spanMs={spanMs[span]}
      points={points}
      now={latest && trend.live ? trend.live(latest.overview) : null}
      say={trend.say}
    />
  )
}

/** What was heard after the answer is its end. */
function withPulse(
  answer: TimeseriesAnswer | null,
  pulse: Mesh['pulse'] | null,
  { live }: Trend,
): TimeseriesAnswer['points'] | null {
  if (!answer || !pulse || !live) return answer?.points ?? null
  const last = answer.points.at(-1)?.timestamp ?? 0
  const heard = pulse.flatMap(({ timestamp, overview }) => {
    const value = live(overview)
    return timestamp <= last || value === null ? [] : [{ timestamp, value }]
  })
  return [...answer.points, ...heard]
}
