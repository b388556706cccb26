// What is known of the mesh from the events of `WS /ws/dashboard`, for the menu bar and for the page. Pure.
import type { DashboardEvent, DashboardWorker, LiveRequest, Overview, Snapshot } from './dashboard.ts'

export interface MeshState {
  /** This Mac. */
  readonly self: Snapshot['self']
  readonly leaderId: string | null
  /** This Mac first, the others by name. */
  readonly workers: readonly DashboardWorker[]
  /** Requests under way that came to this Mac, the oldest first. */
  readonly live: readonly LiveRequest[]
  readonly overview: Overview
}

/** Null before the first snapshot. */
export function meshStateAfter(state: MeshState | null, event: DashboardEvent): MeshState | null {
  if (event.type === 'snapshot') {
    const { self, leaderId, workers, live, overview } = event
    return { self, leaderId, workers: inOrder(workers, self.workerId), live, overview }
  }
  if (!state) return null
  switch (event.type) {
    case 'worker_online':
    case 'worker_update':
    case 'worker_offline':
      return { ...state, workers: withWorker(state, event.worker) }
    case 'worker_removed':
      return { ...state, workers: state.workers.filter(({ workerId }) => workerId !== event.workerId) }
    case 'leader_changed':
      return { ...state, leaderId: event.leaderId }
    case 'request_started':
      return { ...state, live: [...withoutRequest(state.live, event.request.requestId), event.request] }
    case 'request_progress':
      return { ...state, live: event.requests }
    case 'request_completed':
      return { ...state, live: withoutRequest(state.live, event.request.requestId) }
    case 'metrics_update':
      return { ...state, overview: event.overview }
  }
}

export function ownWorker({ workers, self }: MeshState): DashboardWorker | null {
  return workers.find(({ workerId }) => workerId === self.workerId) ?? null
}

export function withoutRequest<T extends { readonly requestId: string }>(
  requests: readonly T[],
  requestId: string,
): T[] {
  return requests.filter(request => request.requestId !== requestId)
}

/** Sorted anew only when one comes or has another name: most events are heartbeats. */
function withWorker({ workers, self }: MeshState, worker: DashboardWorker): DashboardWorker[] {
  const known = workers.find(({ workerId }) => workerId === worker.workerId)
  if (known?.hostname === worker.hostname) return workers.map(each => (each === known ? worker : each))
  return inOrder([...workers.filter(each => each !== known), worker], self.workerId)
}

function inOrder(workers: readonly DashboardWorker[], selfId: string): DashboardWorker[] {
  const rank = ({ workerId, hostname }: DashboardWorker) =>
    workerId === selfId ? '' : `${hostname} ${workerId}`
  return [...workers].sort((one, other) => rank(one).localeCompare(rank(other), 'en', { numeric: true }))
}
