// One look at everything: each check after the other, and what it finds as soon as it has.
import { useCallback, useEffect, useRef, useState } from 'react'
import { type DoctorFinding, doctorChecks, doctorFinding } from '../../main/protocol/settings.ts'
import { ask } from '../peer/client.ts'
import { sayError } from '../ui/problem.tsx'

/** A check may start a program, or ask a model for an answer. */
const checkMs = 90_000

export interface CheckState {
  readonly id: string
  readonly title: string
  readonly isLooking: boolean
  /** Null: not looked at yet. */
  readonly finding: DoctorFinding | null
}

export interface Doctor {
  /** Null until it is known what there is to look at. */
  readonly checks: readonly CheckState[] | null
  readonly error: unknown
  readonly isLooking: boolean
  lookAgain(): void
  mend(id: string): Promise<void>
}

export function useDoctor(): Doctor {
  const [checks, setChecks] = useState<readonly CheckState[] | null>(null)
  const [error, setError] = useState<unknown>(null)
  const [isLooking, setLooking] = useState(false)
  /** Of several rounds the last one counts. */
  const round = useRef(0)

  const change = useCallback((id: string, part: Partial<CheckState>) => {
    setChecks(before => before?.map(each => (each.id === id ? { ...each, ...part } : each)) ?? null)
  }, [])

  const look = useCallback(
    async (id: string, title: string, path = '', method: 'GET' | 'POST' = 'GET') => {
      change(id, { isLooking: true })
      const at = `/api/doctor/${encodeURIComponent(id)}${path}`
      const question = method === 'POST' ? { method, body: {} } : {}
      const finding = await ask(at, doctorFinding, { ...question, timeoutMs: checkMs }).catch(
        (problem: unknown): DoctorFinding => notLooked(id, title, problem),
      )
      change(id, { isLooking: false, finding })
    },
    [change],
  )

  const lookAgain = useCallback(async () => {
    round.current += 1
    const mine = round.current
    setLooking(true)
    setError(null)
    try {
      const known = await ask('/api/doctor', doctorChecks)
      if (mine !== round.current) return
      setChecks(known.checks.map(check => ({ ...check, isLooking: false, finding: null })))
      for (const { id, title } of known.checks) {
        await look(id, title)
        if (mine !== round.current) return
      }
    } catch (problem) {
      if (mine === round.current) setError(problem)
    } finally {
      if (mine === round.current) setLooking(false)
    }
  }, [look])

  useEffect(() => {
    void lookAgain()
    return () => {
      round.current += 1
    }
  }, [lookAgain])

  const mend = (id: string) => look(id, checks?.find(each => each.id === id)?.title ?? id, '/mend', 'POST')

  return { checks, error, isLooking, lookAgain: () => void lookAgain(), mend }
}

function notLooked(id: string, title: string, problem: unknown): DoctorFinding {
  const message = `This could not be looked at: ${sayError(problem)}`
  return { id, title, status: 'fail', message, advice: null, mend: null }
}
