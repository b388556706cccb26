// Draws a curve with recharts; only `time-chart` loads it, when it is needed.
import { Area, AreaChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import type { TimePoint } from './time-chart.tsx'

export interface TimeCurveProps {
  readonly points: readonly TimePoint[]
  readonly spanMs: number
  /** Where the scale ends at least: now, also where nothing was measured of late. */
  readonly endMs: number | null
  readonly say: (value: number) => string
  readonly unit: string
  readonly upTo: number
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const tick = { fill: 'var(--muted)', fontSize: 11 }
const margin = { top: 6, right: 0, bottom: 0, left: 0 }
const cursor = { stroke: 'var(--muted)', strokeDasharray: '3 3' }

export function TimeCurve({ points, spanMs, endMs, say, unit, upTo }: TimeCurveProps) {
  // One point alone is a dot, which must not be cut at the edge.
  const beyondMs = points.length === 1 ? spanMs / 50 : 0
  const end = Math.max(points.at(-1)?.timestamp ?? 0, endMs ?? 0) + beyondMs
  const top = roundUp(points.reduce((highest, { value }) => Math.max(highest, value), upTo))
  return (
    <ResponsiveContainer width="100%" height="100%">
      <AreaChart data={points} margin={margin} accessibilityLayer={false}>
        <CartesianGrid vertical={false} stroke="var(--line)" strokeDasharray="2 4" />
        <XAxis
          dataKey="timestamp"
          type="number"
          domain={[end - spanMs, end]}
          ticks={[end - spanMs, end - (2 * spanMs) / 3, end - spanMs / 3, end]}
          interval="preserveStartEnd"
          tickFormatter={atMs => clock.format(atMs)}
          tick={tick}
          tickLine={false}
          axisLine={false}
          allowDataOverflow
        />
        <YAxis
          orientation="right"
          width={60}
          domain={[0, top]}
          ticks={[0, top / 2, top]}
          interval={0}
          tickFormatter={say}
          tick={tick}
          tickLine={false}
          axisLine={false}
        />
        <Tooltip
          cursor={cursor}
          isAnimationActive={false}
          content={({ active, payload }) => {
            const point: unknown = payload?.[0]?.payload
            return active && isPoint(point) ? <Reading point={point} say={say} unit={unit} /> : null
          }}
        />
        <Area
          dataKey="value"
          type="linear"
          stroke="var(--accent)"
          strokeWidth={1.5}
          fill="var(--accent)"
          fillOpacity={0.12}
          dot={points.length === 1}
          activeDot={{ r: 3 }}
          isAnimationActive={false}
        />
      </AreaChart>
    </ResponsiveContainer>
  )
}

const steps = [1, 2, 3, 4, 5, 6, 8, 10]

/** To a number that reads well on a scale. */
function roundUp(value: number): number {
  if (value <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return (steps.find(step => step * power >= value) ?? 10) * power
}

interface ReadingProps {
  readonly point: TimePoint
  readonly say: (value: number) => string
  readonly unit: string
}

function Reading({ point, say, unit }: ReadingProps) {
  return (
    <p className="figures rounded-md border border-line bg-raised px-2 py-1 text-xs shadow-lg">
      <span className="text-muted">{clock.format(point.timestamp)}</span> {say(point.value)}
      {say(point.value).endsWith(unit) ? '' : ` ${unit}`}
    </p>
  )
}

function isPoint(value: unknown): value is TimePoint {
  return typeof value === 'object' && value !== null && 'timestamp' in value && 'value' in value
}
