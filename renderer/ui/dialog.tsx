import { type ReactNode, useId, useLayoutEffect, useRef } from 'react'

export interface DialogProps {
  readonly title: string
  readonly onClose: () => void
  readonly children: ReactNode
  /** Buttons, the most important one last. */
  readonly actions?: ReactNode
}

/** The browser's own modal dialog: it keeps the focus, and Escape closes it. It is open while it is rendered. */
export function Dialog({ title, onClose, children, actions }: DialogProps) {
  const id = useId()
  const dialog = useRef<HTMLDialogElement>(null)
  // Before it leaves the page: only then the browser gives the focus back to where it was.
  useLayoutEffect(() => {
    const shown = dialog.current
    shown?.showModal()
    return () => shown?.close()
  }, [])
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onCancel={event => {
        event.preventDefault()
        onClose()
      }}
      // A browser closes it without asking when Escape is pressed again and again.
      onClose={() => !dialog.current?.open && onClose()}
      className="m-auto w-[min(32rem,calc(100vw-2rem))] rounded-2xl border border-line bg-surface p-5 text-text shadow-2xl backdrop:bg-black/40"
    >
      <h2 id={id} className="mb-3 font-semibold text-lg">
        {title}
      </h2>
      {children}
      {actions !== undefined && <div className="mt-5 flex flex-wrap justify-end gap-2">{actions}</div>}
    </dialog>
  )
}
