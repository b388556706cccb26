import type { DashboardRequestDetail } from '../../main/protocol/dashboard.ts'
import { Card } from '../ui/card.tsx'
import { duration } from '../ui/format.ts'
import type { NameOf } from '../ui/use-mac-names.ts'
import { momentsOf, type Span, spansOf } from './time-line.ts'

const fills: Readonly<Record<Span['kind'], string>> = {
  waiting: 'bg-muted/50',
  reading: 'bg-fair-fill',
  writing: 'bg-accent-fill',
}

const words: Readonly<Record<Span['kind'], string>> = {
  waiting: 'Waiting',
  reading: 'Reading the prompt',
  writing: 'Writing',
}

/** The life of a request, as a bar and in words. */
export function TimeLineCard({
  detail,
  nameOf,
}: {
  readonly detail: DashboardRequestDetail
  readonly nameOf: NameOf
}) {
  const moments = momentsOf(detail, nameOf)
  const spans = spansOf(detail)
  const share = (ms: number) => `${(100 * ms) / Math.max(1, detail.latencyMs)}%`
  return (
    <Card title="What happened">
      <div aria-hidden="true" className="relative mb-2 flex h-3">
        {spans.map(({ kind, fromMs, toMs }) => (
          <span
            key={kind}
            className={`min-w-0.5 first:rounded-l-full last:rounded-r-full ${fills[kind]}`}
            style={{ width: share(toMs - fromMs) }}
          />
        ))}
        {moments
          .filter(({ isHandover }) => isHandover)
          .map(({ atMs }) => (
            <span
              key={atMs}
              className="-inset-y-1 absolute w-0.5 rounded bg-text"
              style={{ left: share(atMs) }}
            />
          ))}
      </div>
      <ul className="mb-3 flex flex-wrap gap-x-4 gap-y-1 text-muted text-xs">
        {spans.map(({ kind, fromMs, toMs }) => (
          <li key={kind} className="figures inline-flex items-center gap-1.5">
            <span aria-hidden="true" className={`size-2 rounded-full ${fills[kind]}`} />
            {words[kind]} {duration(toMs - fromMs)}
          </li>
        ))}
      </ul>
      <ol>
        {moments.map(({ atMs, text, isHandover }) => (
          <li key={`${atMs} ${text}`} className="flex gap-3 border-line border-t py-1.5 first:border-t-0">
            <span className="figures w-16 shrink-0 text-right text-muted">{duration(atMs)}</span>
            <span className={`min-w-0 break-words ${isHandover ? 'font-medium' : ''}`}>{text}</span>
          </li>
        ))}
      </ol>
    </Card>
  )
}
