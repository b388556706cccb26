import { useState } from 'react'

export interface Order {
  readonly isRunning: boolean
  /** Why the last one was refused; null once another one is given. */
  readonly error: unknown
  /** Resolves to whether it was done. One that comes while another one runs is not given. */
  readonly give: (order: () => Promise<unknown>) => Promise<boolean>
}

/** For a button that asks the peer to do something: that it is under way, and what came back. */
export function useOrder(): Order {
  const [isRunning, setIsRunning] = useState(false)
  const [error, setError] = useState<unknown>(null)
  return {
    isRunning,
    error,
    async give(order) {
      if (isRunning) return false
      setIsRunning(true)
      setError(null)
      try {
        await order()
        return true
      } catch (refusal) {
        setError(refusal)
        return false
      } finally {
        setIsRunning(false)
      }
    },
  }
}
