import { useId, useState } from 'react'
import { type WorkerLog, workerLog } from '../../main/protocol/dashboard.ts'
import { useAnswer } from '../peer/use-answer.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { timeOfDay } from '../ui/format.ts'
import { Problem } from '../ui/problem.tsx'

export interface MacLogProps {
  readonly workerId: string
  readonly isOffline: boolean
}

type Line = WorkerLog['lines'][number]

const filters = {
  all: { name: 'Everything', takes: () => true },
  warn: { name: 'Warnings and errors', takes: ({ level }: Line) => /^(warn|error|fatal)/.test(level) },
  error: { name: 'Errors', takes: ({ level }: Line) => /^(error|fatal)/.test(level) },
} as const
type Filter = keyof typeof filters
const filterNames: readonly Filter[] = ['all', 'warn', 'error']

/** The end of its log, the latest line last. */
export function MacLog({ workerId, isOffline }: MacLogProps) {
  if (isOffline) {
    return (
      <Card title="Log">
        <p className="text-muted">The log lies on that Mac. It can be read here when the Mac is back.</p>
      </Card>
    )
  }
  return <ReadLog workerId={workerId} />
}

function ReadLog({ workerId }: { readonly workerId: string }) {
  const path = `/api/dashboard/workers/${encodeURIComponent(workerId)}/log?limit=200`
  const { answer, error, refresh } = useAnswer(path, workerLog)
  const [filter, setFilter] = useState<Filter>('all')
  const id = useId()
  const lines = answer?.lines.filter(filters[filter].takes) ?? null
  return (
    <Card
      title="Log"
      aside={
        <div className="flex flex-wrap items-center gap-2">
          <label htmlFor={id} className="sr-only">
            Lines to show
          </label>
          <select
            id={id}
            value={filter}
            onChange={({ target }) => setFilter(filterNames.find(name => name === target.value) ?? 'all')}
            className="min-h-8 rounded-lg border border-line bg-surface px-2"
          >
            {filterNames.map(name => (
              <option key={name} value={name}>
                {filters[name].name}
              </option>
            ))}
          </select>
          <Button onClick={refresh}>Refresh</Button>
        </div>
      }
    >
      {error !== null && <Problem error={error} />}
      {lines?.length === 0 && <p className="text-muted">No such lines among the last ones.</p>}
      {lines === null && error === null && <div className="h-40 animate-pulse rounded-lg bg-ground" />}
      {lines !== null && lines.length > 0 && <Lines lines={lines} />}
    </Card>
  )
}

const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full' })

const inks: Record<string, string> = { warn: 'text-fair', error: 'text-bad', fatal: 'text-bad' }

/** Scrolls by keyboard, too; the latest lines come first into sight. */
function Lines({ lines }: { readonly lines: readonly Line[] }) {
  return (
    <section
      aria-label="Lines of the log"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
      tabIndex={0}
      className="flex max-h-96 flex-col-reverse overflow-y-auto rounded-lg bg-ground p-3"
    >
      <ol className="font-mono text-xs">
        {lines.map(({ timestamp, level, message }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no name, and are replaced all at once
          <li key={i} className="grid grid-cols-[4.5rem_3rem_minmax(0,1fr)] gap-x-2 py-0.5">
            <time
              dateTime={new Date(timestamp).toISOString()}
              title={day.format(timestamp)}
              className="text-muted"
            >
              {timeOfDay(timestamp)}
            </time>
            <span className={inks[level] ?? 'text-muted'}>{level}</span>
            <span className="col-span-3 break-words [overflow-wrap:anywhere] sm:col-span-1">{message}</span>
          </li>
        ))}
      </ol>
    </section>
  )
}
