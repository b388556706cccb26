import { memo } from 'react'
import type { DashboardRequest } from '../../main/protocol/dashboard.ts'
import { duration, rate, unknown, whole } from '../ui/format.ts'
import { modelLine } from '../ui/model-name.ts'
import { Status } from '../ui/status.tsx'
import { when } from '../ui/when.ts'
import { speedOf, statusTones, statusWords } from './request-words.ts'

/** Shared with the head of the table. */
export const columns =
  'grid items-center gap-x-4 grid-cols-[minmax(0,1fr)_auto] lg:grid-cols-[7.5rem_minmax(0,2fr)_minmax(0,1.2fr)_6.5rem_4rem_4.5rem] xl:grid-cols-[7.5rem_minmax(0,2fr)_minmax(0,1.2fr)_6.5rem_4rem_4.5rem_4.5rem] 2xl:grid-cols-[8rem_minmax(0,2fr)_minmax(0,1.2fr)_7rem_6rem_6rem_6rem_6rem]'

export interface PastRowProps {
  readonly request: DashboardRequest
  readonly mac: string
  /** In the whole list, the head is 1. */
  readonly index: number
  readonly today: number
  readonly query: string
}

export const PastRow = memo(function PastRow({ request, mac, index, today, query }: PastRowProps) {
  const { requestId, modelId, status, timestamp, tokensGenerated, latencyMs, firstTokenMs } = request
  const speed = speedOf(request)
  return (
    // biome-ignore lint/a11y/useSemanticElements: a real table cannot be a grid of rows of which most are not there
    // biome-ignore lint/a11y/useFocusableInteractive: its link takes the focus
    <div
      role="row"
      aria-rowindex={index}
      data-row
      className={`${columns} relative h-14 border-line border-t hover:bg-raised lg:h-11`}
    >
      <Cell className="figures hidden truncate text-muted lg:block">{when(timestamp, today)}</Cell>
      <Cell className="min-w-0">
        <a
          href={`#/requests/${encodeURIComponent(requestId)}${query}`}
          className="block truncate after:absolute after:inset-0"
        >
          {modelId === '' ? 'No model' : modelLine(modelId)}
        </a>
        <span className="figures block truncate text-muted text-xs lg:hidden">
          {when(timestamp, today)} · {mac} · {whole(tokensGenerated)} tokens
        </span>
      </Cell>
      <Cell className="hidden truncate text-muted lg:block" dir="auto">
        {mac}
      </Cell>
      <Cell>
        <Status tone={statusTones[status]}>{statusWords[status]}</Status>
      </Cell>
      <Cell className="figures hidden text-right lg:block">{whole(tokensGenerated)}</Cell>
      <Cell className="figures hidden text-right lg:block">{duration(latencyMs)}</Cell>
      <Cell className="figures hidden text-right text-muted 2xl:block">
        {firstTokenMs === null ? unknown : duration(firstTokenMs)}
      </Cell>
      <Cell className="figures hidden text-right text-muted xl:block">
        {speed === null ? unknown : rate(speed)}
      </Cell>
    </div>
  )
})

interface CellProps {
  readonly className?: string
  /** `auto`: the name in it ends where its own script ends. */
  readonly dir?: 'auto'
  readonly children: React.ReactNode
}

function Cell({ className = '', dir, children }: CellProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: as the row
    <div role="cell" dir={dir} className={`${dir ? 'text-left' : ''} ${className}`}>
      {children}
    </div>
  )
}
