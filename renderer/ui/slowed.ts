import { useEffect, useRef, useState } from 'react'

/** The value as it was at most `everyMs` ago: for what is dear to draw. */
export function useSlowed<T>(value: T, everyMs: number): T {
  const [slowed, setSlowed] = useState(value)
  const latest = useRef(value)
  const takenAtMs = useRef(0)
  latest.current = value
  const isBehind = !Object.is(value, slowed)
  useEffect(() => {
    if (!isBehind) return
    const waitMs = Math.max(0, takenAtMs.current + everyMs - performance.now())
    const timer = window.setTimeout(() => {
      takenAtMs.current = performance.now()
      setSlowed(latest.current)
    }, waitMs)
    return () => window.clearTimeout(timer)
  }, [isBehind, everyMs])
  return slowed
}
