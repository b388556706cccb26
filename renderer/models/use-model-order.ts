// What one may tell a Mac about a model, and what becomes of it at the place where one clicked.
import { useEffect, useState } from 'react'
import { type MacOrder, tellMac } from '../peer/tell-mac.ts'

type ModelOrder = Exclude<MacOrder, 'sharing'>

export interface ModelOrders {
  /** Until the Mac has answered, and what it says of the model has changed. */
  readonly isUnderWay: boolean
  /** Somebody gave one here. */
  readonly haveBeenGiven: boolean
  /** What the Mac said against the last order. */
  readonly error: unknown
  /** Resolves with whether it was taken. */
  give(order: ModelOrder, modelId: string, more?: { readonly pinned: boolean }): Promise<boolean>
}

/** The news of a change come with a Mac's next heartbeat at the latest. */
const newsMs = 2500

/** `seen`: what is known of the model there now. A Mac that took an order is waited for until that is something else. */
export function useModelOrder(workerId: string, seen: unknown): ModelOrders {
  const [phase, setPhase] = useState<'none' | 'asked' | 'taken'>('none')
  const [haveBeenGiven, setGiven] = useState(false)
  const [error, setError] = useState<unknown>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: any change of what is seen is the news
  useEffect(() => setPhase(now => (now === 'taken' ? 'none' : now)), [seen])
  useEffect(() => {
    if (phase !== 'taken') return
    const timer = window.setTimeout(() => setPhase('none'), newsMs)
    return () => window.clearTimeout(timer)
  }, [phase])
  return {
    isUnderWay: phase !== 'none',
    haveBeenGiven,
    error,
    give: async (order, modelId, more = undefined) => {
      setPhase('asked')
      setGiven(true)
      setError(null)
      try {
        await tellMac(workerId, order, { modelId, ...more })
        setPhase('taken')
        return true
      } catch (thrown) {
        setError(thrown)
        setPhase('none')
        return false
      }
    },
  }
}
