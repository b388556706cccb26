import { unknown } from './format.ts'

export interface MeterProps {
  readonly label: string
  /** From 0 to 100; null: not known. */
  readonly value: number | null
  /** What stands at its end instead of the percentage: "12.4 of 64 GB". */
  readonly text?: string
  /** From where on it is too much. */
  readonly warnFrom?: number
}

/** How much of something is in use. */
export function Meter({ label, value, text, warnFrom = Number.POSITIVE_INFINITY }: MeterProps) {
  const shown = value === null ? 0 : Math.min(100, Math.max(0, value))
  const words = value === null ? unknown : (text ?? `${Math.round(shown)} %`)
  return (
    <div className="grid grid-cols-[3.75rem_minmax(0,1fr)_6.5rem] items-center gap-2 text-xs">
      <span className="text-muted">{label}</span>
      {/* biome-ignore lint/a11y/useSemanticElements: browsers draw <meter> as they like */}
      <span
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(shown)}
        aria-valuetext={words}
        className="h-1.5 overflow-hidden rounded-full bg-line"
      >
        <span
          className={`block h-full origin-left rounded-full transition-transform ${shown >= warnFrom ? 'bg-fair-fill' : 'bg-accent-fill'}`}
          style={{ transform: `scaleX(${shown / 100})` }}
        />
      </span>
      <span className="figures truncate text-right">{words}</span>
    </div>
  )
}
