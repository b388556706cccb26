import { type ReactNode, useId } from 'react'

export interface ChoiceFieldProps {
  readonly label: string
  /** The label is for those who do not see the field's surroundings. */
  readonly isLabelHidden?: boolean
  readonly value: string
  readonly onChange: (value: string) => void
  /** Its `<option>`s. */
  readonly children: ReactNode
  readonly className?: string
}

/** The system's own menu of choices. */
export function ChoiceField({
  label,
  isLabelHidden = false,
  value,
  onChange,
  children,
  className = '',
}: ChoiceFieldProps) {
  const id = useId()
  return (
    <div className={`min-w-0 ${className}`}>
      <label htmlFor={id} className={isLabelHidden ? 'sr-only' : 'mb-1 block font-medium'}>
        {label}
      </label>
      <select
        id={id}
        value={value}
        onChange={event => onChange(event.target.value)}
        className="min-h-8 w-full min-w-0 truncate rounded-lg border border-line bg-surface px-2 py-1"
      >
        {children}
      </select>
    </div>
  )
}
