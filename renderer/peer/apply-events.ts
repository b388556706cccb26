// What the page knows of the mesh, and how the peer's events change it. Pure: the store and its tests call it.
import type { DashboardEvent, DashboardRequest, Overview } from '../../main/protocol/dashboard.ts'
import { type MeshState, meshStateAfter, withoutRequest } from '../../main/protocol/mesh-state.ts'

export interface Mesh extends MeshState {
  /** Ended while the page looked on, the latest first; bounded. */
  readonly recent: readonly DashboardRequest[]
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
  const state = meshStateAfter(mesh, event)
  if (!state) return null
  return {
    ...state,
    recent: recentAfter(mesh?.recent ?? [], event),
    pulse: pulseAfter(mesh?.pulse ?? [], event),
  }
}

function recentAfter(recent: Mesh['recent'], event: DashboardEvent): Mesh['recent'] {
  if (event.type !== 'request_completed') return recent
  return [event.request, ...withoutRequest(recent, event.request.requestId)].slice(0, maxRecent)
}

function pulseAfter(pulse: Mesh['pulse'], event: DashboardEvent): Mesh['pulse'] {
  if (event.type !== 'snapshot' && event.type !== 'metrics_update') return pulse
  const { timestamp, overview } = event
  return [...pulse, { timestamp, overview }].slice(-maxPulse)
}
