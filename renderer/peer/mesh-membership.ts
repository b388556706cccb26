// Who belongs with this Mac, and how a pairing goes on: asked for again and again while somebody looks, because the Macs
// nearby and the other person's answers are no events of the dashboard.
import { useCallback, useEffect, useRef, useState } from 'react'
import { type MeshAnswer, meshAnswer, type Pairing } from '../../main/protocol/mesh-answer.ts'
import { ask } from './client.ts'

const lookMs = 1500
const pairingLookMs = 400

export interface MeshMembership {
  /** Null until the first answer. */
  readonly answer: MeshAnswer | null
  /** Why the last look or order came to nothing. */
  readonly error: unknown
  /** An order is on its way. */
  readonly busy: boolean
  /** `order('join', { code })`: what comes of it stands in `answer` or `error`; resolves with whether it was taken. */
  order(path: string, body?: unknown): Promise<boolean>
}

export function useMembership(): MeshMembership {
  const [answer, setAnswer] = useState<MeshAnswer | null>(null)
  const [error, setError] = useState<unknown>(null)
  const [refusal, setRefusal] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  /** Counts orders: a look that began before one says what was. */
  const turn = useRef(0)
  const isPairing = answer !== null && isUnderWay(answer.pairing)

  useEffect(() => {
    let timer = 0
    let ended = false
    const look = async () => {
      const asked = turn.current
      try {
        const seen = await ask('/api/mesh', meshAnswer)
        if (ended || asked !== turn.current) return
        setAnswer(seen)
        setError(null)
      } catch (problem) {
        if (!ended) setError(problem)
      } finally {
        if (!ended) timer = window.setTimeout(look, isPairing ? pairingLookMs : lookMs)
      }
    }
    void look()
    return () => {
      ended = true
      window.clearTimeout(timer)
    }
  }, [isPairing])

  const order = useCallback(async (path: string, body: unknown = {}) => {
    turn.current += 1
    const mine = turn.current
    setBusy(true)
    setRefusal(null)
    try {
      const seen = await ask(`/api/mesh/${path}`, meshAnswer, { method: 'POST', body })
      if (mine === turn.current) setAnswer(seen)
      return true
    } catch (problem) {
      setRefusal(problem)
      return false
    } finally {
      setBusy(false)
    }
  }, [])

  return { answer, error: refusal ?? error, busy, order }
}

export function isUnderWay({ state }: Pairing): boolean {
  return state === 'invited' || state === 'joining' || state === 'comparing'
}

/** Ends what is under way, also when nobody looks any more. */
export async function callOffPairing(): Promise<void> {
  await ask('/api/mesh/pairing/cancel', meshAnswer, { method: 'POST', body: {} }).catch(() => {
    // The invitation ends by itself after ten minutes, or with the Mac that does not answer.
  })
}
