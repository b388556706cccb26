import { type ReactNode, useEffect, useRef } from 'react'

export interface ViewProps {
  readonly title: string
  readonly actions?: ReactNode
  /** For texts and forms, which are read better in a column. */
  readonly isColumn?: boolean
  readonly children: ReactNode
  /** As high as there is room; its content scrolls by itself. */
  readonly fill?: boolean
}

/** One screen: its title is the page's, and takes the focus when the screen is entered. */
export function View({ title, actions, isColumn = false, children, fill = false }: ViewProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} · MLX Mesh`
    heading.current?.focus({ preventScroll: true })
  }, [title])
  return (
    <div
      className={`mx-auto w-full p-4 sm:p-6 ${isColumn ? 'max-w-4xl' : 'max-w-[100rem]'} ${fill ? 'flex h-full flex-col' : ''}`}
    >
      <div className="mb-4 flex min-h-9 flex-wrap items-center justify-between gap-3">
        <h1 ref={heading} tabIndex={-1} className="font-semibold text-2xl outline-none">
          {title}
        </h1>
        {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </div>
      {children}
    </div>
  )
}
