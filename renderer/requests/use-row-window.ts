// Of a long list of rows of equal height, only those that can be seen are in the page.
import { type RefObject, useCallback, useEffect, useState } from 'react'

export interface RowWindow {
  /** The first row that is drawn, and the one after the last. */
  readonly from: number
  readonly to: number
  /** Pixels in place of the rows that are not drawn. */
  readonly above: number
  readonly below: number
}

/** Rows that are drawn beyond what can be seen, each way; also the step in which the window moves. */
const beyond = 12
const guessedRowPx = 44

/** `list` holds the rows, in the page's own scroller; a row has the attribute `data-row`. */
export function useRowWindow(list: RefObject<HTMLElement | null>, count: number): RowWindow {
  const [seen, setSeen] = useState({ first: 0, shown: 20, rowPx: guessedRowPx })
  const look = useCallback(() => {
    const element = list.current
    const scroller = element?.closest('main')
    if (!element || !scroller || element.offsetParent === null) return
    const rowPx = element.querySelector<HTMLElement>('[data-row]')?.offsetHeight || guessedRowPx
    const hiddenPx = scroller.getBoundingClientRect().top - element.getBoundingClientRect().top
    const first = Math.max(0, Math.floor(hiddenPx / rowPx / beyond) * beyond)
    const shown = Math.ceil(scroller.clientHeight / rowPx)
    setSeen(was =>
      was.first === first && was.shown === shown && was.rowPx === rowPx ? was : { first, shown, rowPx },
    )
  }, [list])
  useEffect(() => {
    const scroller = list.current?.closest('main')
    look()
    scroller?.addEventListener('scroll', look, { passive: true })
    window.addEventListener('resize', look)
    return () => {
      scroller?.removeEventListener('scroll', look)
      window.removeEventListener('resize', look)
    }
  }, [list, look])
  // biome-ignore lint/correctness/useExhaustiveDependencies: other rows may have another height
  useEffect(look, [count, look])
  const from = Math.max(0, Math.min(seen.first - beyond, count - seen.shown))
  const to = Math.min(count, seen.first + seen.shown + 2 * beyond)
  return { from, to, above: from * seen.rowPx, below: (count - to) * seen.rowPx }
}
