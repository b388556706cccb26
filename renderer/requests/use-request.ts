import { useEffect, useState } from 'react'
import {
  type DashboardRequestDetail,
  dashboardRequestDetail,
  type LiveRequest,
} from '../../main/protocol/dashboard.ts'
import { ask } from '../peer/client.ts'
import { useMesh } from '../peer/mesh-store.ts'

export interface KnownRequest {
  readonly detail: DashboardRequestDetail | null
  /** While it is under way. */
  readonly live: LiveRequest | null
  readonly error: unknown
  lookAgain(): void
}

/** One request while it runs, and what is kept of it afterwards. */
export function useRequest(requestId: string): KnownRequest {
  const live = useMesh(mesh => mesh.live.find(each => each.requestId === requestId) ?? null)
  const isLive = live !== null
  const [detail, setDetail] = useState<DashboardRequestDetail | null>(null)
  const [error, setError] = useState<unknown>(null)
  const [round, setRound] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` is how one looks again
  useEffect(() => {
    if (isLive) return
    let isWanted = true
    setError(null)
    ask(`/api/dashboard/requests/${encodeURIComponent(requestId)}`, dashboardRequestDetail).then(
      found => isWanted && setDetail(found),
      thrown => isWanted && setError(thrown),
    )
    return () => {
      isWanted = false
    }
  }, [requestId, isLive, round])
  return { detail, live, error, lookAgain: () => setRound(round + 1) }
}
