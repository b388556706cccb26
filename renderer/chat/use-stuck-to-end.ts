// A conversation stays at its end while it grows, unless the reader has scrolled away from there.
import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react'

const nearPx = 48

export interface StuckToEnd {
  readonly scroller: RefObject<HTMLElement | null>
  readonly isAtEnd: boolean
  goToEnd(): void
}

/** `content`: what makes it grow. */
export function useStuckToEnd(content: unknown): StuckToEnd {
  const scroller = useRef<HTMLElement>(null)
  const isStuck = useRef(true)
  const [isAtEnd, setAtEnd] = useState(true)
  const goToEnd = useCallback(() => {
    isStuck.current = true
    setAtEnd(true)
    const element = scroller.current
    element?.scrollTo(0, element.scrollHeight)
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the content is what it follows
  useLayoutEffect(() => {
    const element = scroller.current
    if (element && isStuck.current) element.scrollTo(0, element.scrollHeight)
  }, [content])
  useLayoutEffect(() => {
    const element = scroller.current
    if (!element) return
    let lastTop = element.scrollTop
    const look = () => {
      const { scrollTop, scrollHeight, clientHeight } = element
      // Only a move upwards is the reader's: the end moves away downwards by itself.
      const isNear = scrollHeight - scrollTop - clientHeight < nearPx
      if (isNear) isStuck.current = true
      else if (scrollTop < lastTop) isStuck.current = false
      lastTop = scrollTop
      setAtEnd(isNear || isStuck.current)
    }
    const grown = new ResizeObserver(() => {
      if (isStuck.current) element.scrollTo(0, element.scrollHeight)
    })
    if (element.firstElementChild) grown.observe(element.firstElementChild)
    element.addEventListener('scroll', look, { passive: true })
    return () => {
      grown.disconnect()
      element.removeEventListener('scroll', look)
    }
  }, [])
  return { scroller, isAtEnd, goToEnd }
}
