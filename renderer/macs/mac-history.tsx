import { useDeferredValue, useMemo, useState } from 'react'
import { type WorkerHistory, workerHistory } from '../../main/protocol/dashboard.ts'
import { type Duration, durations, spanMs } from '../cluster/durations.ts'
import { useAnswer } from '../peer/use-answer.ts'
import { Card } from '../ui/card.tsx'
import { Choice } from '../ui/choice.tsx'
import { percent, rate } from '../ui/format.ts'
import { Problem } from '../ui/problem.tsx'
import { TimeChart } from '../ui/time-chart.tsx'

type HistoryPoint = WorkerHistory['points'][number]

interface Curve {
  readonly field: Exclude<keyof HistoryPoint, 'timestamp'>
  readonly title: string
  readonly unit: string
  readonly say: (value: number) => string
  readonly upTo?: number
}

const curves: readonly Curve[] = [
  { field: 'gpuPercent', title: 'GPU', unit: '%', say: percent, upTo: 100 },
  { field: 'cpuPercent', title: 'CPU', unit: '%', say: percent, upTo: 100 },
  { field: 'memoryUsedGB', title: 'Memory in use', unit: 'GB', say: value => value.toFixed(1) },
  { field: 'tokensPerSecond', title: 'Speed', unit: 'tokens/s', say: rate },
]

const againMs = 10_000

export function MacHistory({ workerId }: { readonly workerId: string }) {
  const [chosen, setChosen] = useState<Duration>('1h')
  const path = `/api/dashboard/workers/${encodeURIComponent(workerId)}/history?duration=${chosen}`
  const { answer, error } = useAnswer(path, workerHistory, againMs)
  const points = useDeferredValue(answer?.points ?? null)
  return (
    <Card
      title="Over time"
      aside={<Choice label="How far back" choices={durations} value={chosen} onChange={setChosen} />}
    >
      {error !== null && !answer ? (
        <Problem error={error} />
      ) : (
        <div className="grid gap-x-6 gap-y-5 md:grid-cols-2">
          {curves.map(curve => (
            <HistoryChart key={curve.field} curve={curve} points={points} duration={chosen} />
          ))}
        </div>
      )}
    </Card>
  )
}

interface HistoryChartProps {
  readonly curve: Curve
  readonly points: readonly HistoryPoint[] | null
  readonly duration: Duration
}

function HistoryChart({ curve, points, duration }: HistoryChartProps) {
  const values = useMemo(
    () => points?.map(point => ({ timestamp: point.timestamp, value: point[curve.field] })) ?? null,
    [points, curve],
  )
  return (
    <TimeChart
      title={curve.title}
      unit={curve.unit}
      span={durations.find(({ value }) => value === duration)?.words ?? ''}
      spanMs={spanMs[duration]}
      points={values}
      say={curve.say}
      upTo={curve.upTo ?? 0}
    />
  )
}
