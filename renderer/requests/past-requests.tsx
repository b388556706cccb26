import { useEffect, useId, useRef } from 'react'
import { useMesh } from '../peer/mesh-store.ts'
import { Button } from '../ui/button.tsx'
import { Empty } from '../ui/empty.tsx'
import { whole } from '../ui/format.ts'
import { Problem } from '../ui/problem.tsx'
import { useMacNames } from '../ui/use-mac-names.ts'
import { useNow } from '../ui/use-now.ts'
import { columns, PastRow } from './past-row.tsx'
import { type PastRequests, usePastRequests } from './use-past-requests.ts'
import { useRowWindow } from './use-row-window.ts'

/** So many rows before the end the next page is asked for. */
const ahead = 40
const minuteMs = 60_000

/** `query`: the filter, as it stands in the page's address. */
export function PastList({ query, onClear }: { readonly query: string; readonly onClear: () => void }) {
  const id = useId()
  const section = useRef<HTMLElement>(null)
  const past = usePastRequests(query)
  useTakeFresh(section, past)
  const { rows, fresh, isLoading, error } = past
  const show = () => {
    past.takeFresh()
    section.current?.scrollIntoView({ block: 'start' })
  }
  return (
    <section ref={section} aria-labelledby={id} className="mt-3 rounded-xl border border-line bg-surface p-4">
      <div className="flex min-h-8 items-center justify-between">
        <h2 id={id} className="font-semibold">
          Past
        </h2>
        {rows !== null && rows.length > 0 && (
          <span className="figures text-muted">
            {whole(rows.length)}
            {past.hasMore ? ' and more' : ''}
          </span>
        )}
      </div>
      <p role="status" className="sr-only">
        {fresh.length > 0 ? 'Other requests have ended.' : ''}
      </p>
      <div className="pointer-events-none sticky top-2 z-10 flex h-0 justify-center">
        {fresh.length > 0 && rows !== null && rows.length > 0 && (
          <Button
            look="primary"
            className="-mt-5 pointer-events-auto h-8 rounded-full! shadow-lg"
            onClick={show}
          >
            {fresh.length >= 200 ? '200 or more new' : `${fresh.length} new`}
          </Button>
        )}
      </div>
      {rows !== null && rows.length > 0 && <Rows past={past} rows={rows} query={query} />}
      {rows !== null && rows.length === 0 && <NothingPast isFiltered={query !== ''} onClear={onClear} />}
      {error !== null && (
        <Problem error={error} action={<Button onClick={past.loadMore}>Try again</Button>} />
      )}
      {isLoading && (
        <p role="status" className={`grid place-items-center text-muted ${rows === null ? 'h-64' : 'h-11'}`}>
          Loading
        </p>
      )}
    </section>
  )
}

interface RowsProps {
  readonly past: PastRequests
  readonly rows: NonNullable<PastRequests['rows']>
  readonly query: string
}

const heads = ['When', 'Model', 'Mac', 'Outcome', 'Tokens', 'Took', 'First token', 'Tokens/s']

function Rows({ past, rows, query }: RowsProps) {
  const list = useRef<HTMLDivElement>(null)
  const nameOf = useMacNames()
  const today = useNow(minuteMs)
  const { from, to, above, below } = useRowWindow(list, rows.length)
  const wantsMore = past.hasMore && past.error === null && !past.isLoading && to > rows.length - ahead
  useEffect(() => {
    if (wantsMore) past.loadMore()
  })
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows that cannot be seen are not in the page, which a real table would show
    <div role="table" aria-label="Past requests" aria-rowcount={past.hasMore ? -1 : rows.length + 1}>
      {/* biome-ignore lint/a11y/useSemanticElements: as the table */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: it is only read */}
      <div role="row" aria-rowindex={1} className={`${columns} h-8 text-muted text-xs`}>
        {heads.map((head, i) => (
          // biome-ignore lint/a11y/useSemanticElements: as the table
          // biome-ignore lint/a11y/useFocusableInteractive: it is only read
          <span key={head} role="columnheader" className={headLook(i)}>
            {head}
          </span>
        ))}
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: as the table */}
      <div ref={list} role="rowgroup">
        <div role="presentation" style={{ height: above }} />
        {rows.slice(from, to).map((request, i) => (
          <PastRow
            key={request.requestId}
            request={request}
            mac={request.workerId === null ? 'No Mac' : nameOf(request.workerId)}
            index={from + i + 2}
            today={today}
            query={query}
          />
        ))}
        <div role="presentation" style={{ height: below }} />
      </div>
    </div>
  )
}

/** As the cells of `PastRow`. */
function headLook(column: number): string {
  if (column === 1) return ''
  if (column === 3) return 'whitespace-nowrap'
  if (column < 3) return 'hidden lg:block'
  return `hidden text-right ${column === 6 ? '2xl:block' : column === 7 ? 'xl:block' : 'lg:block'}`
}

/** What runs now stands right above: nothing of it has ended yet. */
function NothingPast({
  isFiltered,
  onClear,
}: {
  readonly isFiltered: boolean
  readonly onClear: () => void
}) {
  const isRunning = useMesh(({ live }) => live.length > 0)
  if (isFiltered)
    return <Empty title="No request is like that." action={<Button onClick={onClear}>Show all</Button>} />
  if (isRunning) return <Empty title="None has ended yet.">They are listed here as soon as they have.</Empty>
  return (
    <Empty
      title="No request has come to this Mac yet."
      action={
        <a href="#/chat" className="text-accent">
          Try one in the chat
        </a>
      }
    >
      What apps ask this Mac is listed here: how it went, and why which Mac answered. What was said is never
      kept.
    </Empty>
  )
}

/** Those that have just ended come in by themselves as long as nobody is reading here. */
function useTakeFresh(section: React.RefObject<HTMLElement | null>, past: PastRequests): void {
  useEffect(() => {
    const element = section.current
    if (!element || past.fresh.length === 0 || past.isLoading) return
    if (past.rows?.length !== 0 && isBeingRead(element)) return
    past.takeFresh()
  })
}

function isBeingRead(element: HTMLElement): boolean {
  const scroller = element.closest('main')
  const isBehind =
    scroller !== null && element.getBoundingClientRect().top < scroller.getBoundingClientRect().top
  return isBehind || element.matches(':hover') || element.contains(document.activeElement)
}
