// A curve over time, with what it says in words. The library that draws it comes when the first one is shown.
import { lazy, Suspense } from 'react'
import { macNow } from '../peer/mesh-store.ts'
import { unknown } from './format.ts'

const TimeCurve = lazy(() =>
  import('./time-curve.tsx').then(
    ({ TimeCurve }) => ({ default: TimeCurve }),
    () => ({ default: NoCurve }),
  ),
)

export interface TimePoint {
  readonly timestamp: number
  readonly value: number
}

export interface TimeChartProps {
  readonly title: string
  readonly unit: string
  /** "the last hour" */
  readonly span: string
  readonly spanMs: number
  /** The oldest first; null: not known yet. */
  readonly points: readonly TimePoint[] | null
  /** What is newer than the last point. */
  readonly now?: number | null
  readonly say: (value: number) => string
  /** Where the scale ends at least. */
  readonly upTo?: number
}

export function TimeChart({ title, unit, span, spanMs, points, now, say, upTo = 0 }: TimeChartProps) {
  const last = now ?? points?.at(-1)?.value ?? null
  return (
    <figure className="min-w-0">
      <figcaption className="flex items-baseline justify-between gap-3">
        <h3 className="truncate text-muted text-xs">
          {title}, {unit}
        </h3>
        <span className="figures shrink-0 font-medium">{last === null ? unknown : say(last)}</span>
      </figcaption>
      <div
        role="img"
        aria-label={points ? summarise({ title, unit, span, points, last, say }) : `${title}: not known yet`}
        className="relative mt-1 h-36"
      >
        {points && points.length > 0 && (
          <Suspense>
            <TimeCurve points={points} spanMs={spanMs} endMs={macNow()} say={say} unit={unit} upTo={upTo} />
          </Suspense>
        )}
        {points?.length === 0 && (
          <p className="grid h-full place-content-center rounded-lg bg-ground text-muted text-xs">
            Nothing in {span}
          </p>
        )}
      </div>
    </figure>
  )
}

function NoCurve() {
  return (
    <p className="grid h-full place-content-center rounded-lg bg-ground px-4 text-center text-muted text-xs">
      The curve could not be fetched from this Mac. Reload the page.
    </p>
  )
}

interface Summary extends Pick<TimeChartProps, 'title' | 'unit' | 'span' | 'say'> {
  readonly points: readonly TimePoint[]
  readonly last: number | null
}

/** The curve for those who do not see it. */
function summarise({ title, unit, span, points, last, say }: Summary): string {
  const values = points.map(({ value }) => value)
  if (values.length === 0 || last === null) return `${title}: nothing in ${span}`
  const lowest = values.reduce((one, other) => Math.min(one, other))
  const highest = values.reduce((one, other) => Math.max(one, other))
  return `${title} in ${unit}, over ${span}: now ${say(last)}, lowest ${say(lowest)}, highest ${say(highest)}`
}
