import { type InputHTMLAttributes, useId } from 'react'

export interface TextFieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'value'> {
  readonly label: string
  /** The label is for those who do not see the field's surroundings. */
  readonly isLabelHidden?: boolean
  readonly value: string
  readonly onChange: (value: string) => void
  /** What is wrong with the value, at the field. */
  readonly problem?: string | null
}

export function TextField({
  label,
  isLabelHidden = false,
  value,
  onChange,
  problem = null,
  className = '',
  ...rest
}: TextFieldProps) {
  const id = useId()
  return (
    <div className={`min-w-0 ${className}`}>
      <label htmlFor={id} className={isLabelHidden ? 'sr-only' : 'mb-1 block font-medium'}>
        {label}
      </label>
      <input
        id={id}
        value={value}
        onChange={event => onChange(event.target.value)}
        aria-invalid={problem !== null}
        aria-describedby={problem === null ? undefined : `${id}-problem`}
        className="min-h-8 w-full rounded-lg border border-line bg-surface px-2.5 py-1 placeholder:text-muted aria-invalid:border-bad"
        {...rest}
      />
      {problem !== null && (
        <p id={`${id}-problem`} className="mt-1 text-bad text-xs">
          {problem}
        </p>
      )}
    </div>
  )
}
