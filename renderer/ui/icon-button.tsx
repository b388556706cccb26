import type { ButtonHTMLAttributes, ReactNode } from 'react'

export interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** What it does, to what: there is no word on it. */
  readonly label: string
  /** Shown when the pointer rests on it; the label, where nothing else is said. */
  readonly title?: string
  /** The sign. */
  readonly children: ReactNode
}

/** A button with a sign instead of a word, for what is done seldom and known well. */
export function IconButton({ label, title, className = '', ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={title ?? label}
      className={`inline-grid size-8 shrink-0 place-items-center rounded-lg text-muted transition-colors hover:bg-accent-soft hover:text-text disabled:opacity-50 ${className}`}
      {...rest}
    />
  )
}
