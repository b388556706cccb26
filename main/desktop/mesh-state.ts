// What the menu bar knows of the mesh, kept up to date by the events of `WS /ws/dashboard`. Pure.
import type { DashboardEvent, DashboardWorker, LiveRequest, Overview } from '../protocol/dashboard.ts'

export interface MeshState {
  /** The id of this Mac. */
  readonly selfId: string
  readonly workers: readonly DashboardWorker[]
  /** Of this Mac's gateway. */
  readonly live: readonly LiveRequest[]
  readonly overview: Overview
}

/** Null before the first snapshot. */
export function meshStateAfter(state: MeshState | null, event: DashboardEvent): MeshState | null {
  if (event.type === 'snapshot') {
    const { self, workers, live, overview } = event
    return { selfId: self.workerId, workers, live, overview }
  }
  if (state === null) return null
  switch (event.type) {
    case 'worker_online':
    case 'worker_update':
    case 'worker_offline':
      return { ...state, workers: withWorker(state.workers, event.worker) }
    case 'worker_removed':
      return { ...state, workers: state.workers.filter(({ workerId }) => workerId !== event.workerId) }
    case 'request_started':
      return { ...state, live: withRequests(state.live, [event.request]) }
    case 'request_progress':
      return { ...state, live: event.requests }
    case 'request_completed':
      return {
        ...state,
        live: state.live.filter(({ requestId }) => requestId !== event.request.requestId),
      }
    case 'metrics_update':
      return { ...state, overview: event.overview }
    case 'leader_changed':
      return state
  }
}

export function ownWorker({ workers, selfId }: MeshState): DashboardWorker | null {
  return workers.find(({ workerId }) => workerId === selfId) ?? null
}

function withWorker(workers: readonly DashboardWorker[], worker: DashboardWorker): DashboardWorker[] {
  const known = workers.some(({ workerId }) => workerId === worker.workerId)
  if (!known) return [...workers, worker]
  return workers.map(one => (one.workerId === worker.workerId ? worker : one))
}

function withRequests(live: readonly LiveRequest[], requests: readonly LiveRequest[]): LiveRequest[] {
  const ids = new Set(requests.map(({ requestId }) => requestId))
  return [...live.filter(({ requestId }) => !ids.has(requestId)), ...requests]
}
