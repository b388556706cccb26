import type { ReactNode } from 'react'

export interface FigureProps {
  readonly name: string
  readonly value: ReactNode
  readonly unit?: string
  /** A second line, smaller. */
  readonly note?: ReactNode
}

/** One number with its name; belongs into a `<dl>`. It keeps its size when the number changes. */
export function Figure({ name, value, unit, note }: FigureProps) {
  return (
    <div className="min-w-0 rounded-xl border border-line bg-surface px-4 py-3">
      <dt className="truncate text-muted text-xs">{name}</dt>
      <dd className="figures mt-1 truncate font-semibold text-2xl leading-8">
        {value}
        {unit && <span className="ml-1 font-normal text-muted text-sm">{unit}</span>}
      </dd>
      {note !== undefined && <dd className="figures truncate text-muted text-xs">{note}</dd>}
    </div>
  )
}
