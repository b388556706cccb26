// The settings of this Mac as it has them; each change is sent at once, and what comes back is what is shown.
import { useCallback, useEffect, useState } from 'react'
import { type SettingsAnswer, settingsAnswer, settingsRefusal } from '../../main/protocol/settings.ts'
import { ask, PeerError } from '../peer/client.ts'
import { useMeshState } from '../peer/mesh-store.ts'
import { sentence } from '../ui/format.ts'
import { sayError } from '../ui/problem.tsx'

export interface Settings {
  /** Null until the first answer. */
  readonly answer: SettingsAnswer | null
  /** Why there is none, or why it may be old. */
  readonly error: unknown
  /** What was wrong with what was tried last, key by key; gone when the key is changed. */
  readonly problems: ReadonlyMap<string, string>
  /** `null` takes a saved value back. Resolves with whether it was saved. */
  change(key: string, value: unknown): Promise<boolean>
  look(): Promise<void>
}

export function useSettings(): Settings {
  const [answer, setAnswer] = useState<SettingsAnswer | null>(null)
  const [error, setError] = useState<unknown>(null)
  const [problems, setProblems] = useState<ReadonlyMap<string, string>>(new Map())
  const connected = useMeshState(state => state.connected)

  const look = useCallback(async () => {
    try {
      setAnswer(await ask('/api/settings', settingsAnswer))
      setError(null)
    } catch (problem) {
      setError(problem)
    }
  }, [])

  // A Mac that is back from a restart may have others.
  useEffect(() => {
    if (connected) void look()
  }, [connected, look])

  const change = useCallback(async (key: string, value: unknown) => {
    const setProblem = (text: string | null) => setProblems(before => withProblem(before, key, text))
    setProblem(null)
    try {
      const changes = { [key]: value }
      setAnswer(await ask('/api/settings', settingsAnswer, { method: 'PATCH', body: { changes } }))
      return true
    } catch (problem) {
      setProblem(sayProblem(problem, key))
      return false
    }
  }, [])

  return { answer, error, problems, change, look }
}

function withProblem(
  before: ReadonlyMap<string, string>,
  key: string,
  text: string | null,
): ReadonlyMap<string, string> {
  const after = new Map(before)
  if (text === null) after.delete(key)
  else after.set(key, text)
  return after
}

/** What is wrong with this key; or with others, which the same change would break. */
function sayProblem(error: unknown, key: string): string {
  const refusal = error instanceof PeerError ? settingsRefusal.safeParse(error.body) : null
  if (!refusal?.success) return sayError(error)
  return refusal.data.problems
    .map(problem =>
      problem.key === key || problem.key === '' ? problem.message : `${problem.key}: ${problem.message}`,
    )
    .map(sentence)
    .join(' ')
}
