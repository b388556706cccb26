import type { ReactNode } from 'react'

export type Tone = 'good' | 'fair' | 'bad' | 'idle'

const dots: Record<Tone, string> = {
  good: 'bg-good-fill',
  fair: 'bg-fair-fill',
  bad: 'bg-bad-fill',
  idle: 'bg-muted',
}

const inks: Record<Tone, string> = {
  good: 'text-good',
  fair: 'text-fair',
  bad: 'text-bad',
  idle: 'text-muted',
}

/** A state: a dot for the eye and a word for everybody. */
export function Status({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  return (
    <span className={`inline-flex items-center gap-1.5 ${inks[tone]}`}>
      <span aria-hidden="true" className={`size-2 shrink-0 rounded-full ${dots[tone]}`} />
      {children}
    </span>
  )
}
