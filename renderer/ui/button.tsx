import type { ButtonHTMLAttributes } from 'react'

type Look = 'primary' | 'plain' | 'quiet' | 'danger'

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: Look
}

const looks: Record<Look, string> = {
  primary: 'bg-accent-fill text-white hover:brightness-110',
  plain: 'border border-line bg-surface hover:bg-raised',
  quiet: 'text-accent hover:bg-accent-soft',
  danger: 'border border-line bg-surface text-bad hover:bg-bad-soft',
}

export function Button({ look = 'plain', className = '', ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      className={`inline-flex min-h-8 items-center justify-center gap-1.5 whitespace-nowrap rounded-lg px-3 py-1 font-medium transition-colors disabled:opacity-50 ${looks[look]} ${className}`}
      {...rest}
    />
  )
}
