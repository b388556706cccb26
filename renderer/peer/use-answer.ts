import { useCallback, useEffect, useState } from 'react'
import type { z } from 'zod'
import { ask } from './client.ts'

export interface Answered<T> {
  /** The last one; it stays while another one is asked for. */
  readonly answer: T | null
  /** Why the last question was not answered. */
  readonly error: unknown
  readonly refresh: () => void
}

/** Asks when the view appears and when the path changes, and again `everyMs` after each answer. */
export function useAnswer<T>(path: string, schema: z.ZodType<T>, everyMs: number | null = null): Answered<T> {
  const [state, setState] = useState<{ answer: T | null; error: unknown }>({ answer: null, error: null })
  const [round, setRound] = useState(0)
  const refresh = useCallback(() => setRound(before => before + 1), [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another round is another question
  useEffect(() => {
    let current = true
    let timer = 0
    const settle = (change: { answer: T; error: null } | { error: unknown }) => {
      if (!current) return
      setState(before => ({ ...before, ...change }))
      if (everyMs !== null) timer = window.setTimeout(refresh, everyMs)
    }
    ask(path, schema).then(
      answer => settle({ answer, error: null }),
      error => settle({ error }),
    )
    return () => {
      current = false
      window.clearTimeout(timer)
    }
  }, [path, schema, everyMs, round, refresh])
  return { ...state, refresh }
}
