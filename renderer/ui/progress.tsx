import { Progress as RadixProgress } from 'radix-ui'

export interface ProgressProps {
  readonly label: string
  /** From 0 to 1; null: under way, nobody knows how far. */
  readonly value: number | null
}

export function Progress({ label, value }: ProgressProps) {
  const percent = value === null ? null : Math.round(Math.min(1, Math.max(0, value)) * 100)
  return (
    <RadixProgress.Root
      aria-label={label}
      value={percent}
      className="relative h-1.5 w-full overflow-hidden rounded-full bg-line"
    >
      <RadixProgress.Indicator
        className={`h-full rounded-full bg-accent-fill transition-[width] ${percent === null ? 'w-1/3 animate-pulse' : ''}`}
        style={percent === null ? {} : { width: `${percent}%` }}
      />
    </RadixProgress.Root>
  )
}
