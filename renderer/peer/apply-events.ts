// What the page knows of the mesh, and how the peer's events change it. Pure: the store and its tests call it.
import type {
  DashboardEvent,
  DashboardRequest,
  DashboardWorker,
  LiveRequest,
  Overview,
  Snapshot,
} from '../../main/protocol/dashboard.ts'

export interface Mesh {
  readonly self: Snapshot['self']
  readonly leaderId: string | null
  /** This Mac first, the others by name. */
  readonly workers: readonly DashboardWorker[]
  /** Requests under way that came to this Mac, the oldest first. */
  readonly live: readonly LiveRequest[]
  /** Ended while the page looked on, the latest first; bounded. */
  readonly recent: readonly DashboardRequest[]
  readonly overview: Overview
  /** Overviews of the last minutes, the oldest first; bounded. */
  readonly pulse: readonly { readonly timestamp: number; readonly overview: Overview }[]
}

const maxRecent = 200
const maxPulse = 300

/** Null until the first snapshot. What changes nothing returns what it was given. */
export function applyEvents(mesh: Mesh | null, events: readonly DashboardEvent[]): Mesh | null {
  return events.reduce<Mesh | null>(applyEvent, mesh)
}

function applyEvent(mesh: Mesh | null, event: DashboardEvent): Mesh | null {
  if (event.type === 'snapshot') return fromSnapshot(mesh, event)
  if (!mesh) return null
  switch (event.type) {
    case 'worker_online':
    case 'worker_update':
    case 'worker_offline':
      return { ...mesh, workers: withWorker(mesh, event.worker) }
    case 'worker_removed':
      return { ...mesh, workers: mesh.workers.filter(({ workerId }) => workerId !== event.workerId) }
    case 'leader_changed':
      return { ...mesh, leaderId: event.leaderId }
    case 'request_started':
      return { ...mesh, live: [...without(mesh.live, event.request.requestId), event.request] }
    case 'request_progress':
      return { ...mesh, live: event.requests }
    case 'request_completed':
      return {
        ...mesh,
        live: without(mesh.live, event.request.requestId),
        recent: [event.request, ...without(mesh.recent, event.request.requestId)].slice(0, maxRecent),
      }
    case 'metrics_update':
      return {
        ...mesh,
        overview: event.overview,
        pulse: [...mesh.pulse, { timestamp: event.timestamp, overview: event.overview }].slice(-maxPulse),
      }
  }
}

function fromSnapshot(
  mesh: Mesh | null,
  { self, leaderId, workers, live, overview, timestamp }: Snapshot,
): Mesh {
  return {
    self,
    leaderId,
    workers: inOrder(workers, self.workerId),
    live,
    recent: mesh?.recent ?? [],
    overview,
    pulse: [...(mesh?.pulse ?? []), { timestamp, overview }].slice(-maxPulse),
  }
}

/** Sorted anew only when one comes or has another name: most events are heartbeats. */
function withWorker({ workers, self }: Mesh, worker: DashboardWorker): DashboardWorker[] {
  const known = workers.find(({ workerId }) => workerId === worker.workerId)
  if (known?.hostname === worker.hostname) return workers.map(each => (each === known ? worker : each))
  return inOrder([...workers.filter(each => each !== known), worker], self.workerId)
}

function inOrder(workers: readonly DashboardWorker[], selfId: string): DashboardWorker[] {
  const rank = ({ workerId, hostname }: DashboardWorker) =>
    workerId === selfId ? '' : `${hostname} ${workerId}`
  return [...workers].sort((one, other) => rank(one).localeCompare(rank(other), 'en', { numeric: true }))
}

function without<T extends { readonly requestId: string }>(requests: readonly T[], requestId: string): T[] {
  return requests.filter(request => request.requestId !== requestId)
}
