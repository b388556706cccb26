import type { ReactNode } from 'react'

export interface StepHeadingProps {
  readonly title: string
  readonly children: ReactNode
}

/** Takes the focus when its step is entered. */
export function StepHeading({ title, children }: StepHeadingProps) {
  return (
    <div className="mb-6">
      <h1 tabIndex={-1} className="font-semibold text-2xl outline-none sm:text-3xl">
        {title}
      </h1>
      <p className="mt-2 max-w-prose text-base text-muted">{children}</p>
    </div>
  )
}
