import { useCallback, useEffect, useState } from 'react'
import type { z } from 'zod'
import { ask } from './client.ts'
import { useReconnected } from './reconnected.ts'

export interface Answered<T> {
  /** The last one; it stays while another one is asked for. */
  readonly answer: T | null
  /** Why the last question was not answered. */
  readonly error: unknown
  readonly refresh: () => void
}

interface Kept<T> {
  readonly path: string
  readonly answer: T | null
  readonly error: unknown
}

/** Asks when the view appears, when the path changes, and when a lost connection is back; and again `everyMs` after each answer. */
export function useAnswer<T>(path: string, schema: z.ZodType<T>, everyMs: number | null = null): Answered<T> {
  const [{ answer, error }, setState] = useState<Kept<T>>({ path, answer: null, error: null })
  const [round, setRound] = useState(0)
  const refresh = useCallback(() => setRound(before => before + 1), [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another round is another question
  useEffect(() => {
    let current = true
    let timer = 0
    const settle = (make: (before: Kept<T>) => Kept<T>) => {
      if (!current) return
      setState(make)
      if (everyMs !== null) timer = window.setTimeout(refresh, everyMs)
    }
    ask(path, schema).then(
      found => settle(() => ({ path, answer: found, error: null })),
      // What was asked for before is no answer to this question.
      thrown => settle(was => ({ path, answer: was.path === path ? was.answer : null, error: thrown })),
    )
    return () => {
      current = false
      window.clearTimeout(timer)
    }
  }, [path, schema, everyMs, round, refresh])
  useReconnected(refresh)
  return { answer, error, refresh }
}
