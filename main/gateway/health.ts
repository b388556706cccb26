import { mayDo } from '../access/caller.ts'
import type { Clock } from '../protocol/clock.ts'
import type { MeshView, PeerIdentity } from './ports.ts'
import type { Routes } from './router.ts'
import type { Traffic } from './traffic.ts'

export interface HealthOptions {
  readonly view: MeshView
  readonly clock: Clock
  readonly identity: PeerIdentity
  readonly traffic: Traffic
}

/** Healthy: this Mac's worker (or, where it has none, any) is online. Unhealthy: nobody could answer a request. */
export function healthRoutes({ view, clock, identity, traffic }: HealthOptions): Routes {
  const startedAtMs = clock.now()
  return {
    'GET /health': exchange => {
      const own = view.worker(identity.workerId)
      const anyOnline = view.workers().some(worker => worker.status !== 'offline')
      const ownIsWell = own === null || own.status === 'online'
      const status = traffic.draining || !anyOnline ? 'unhealthy' : ownIsWell ? 'healthy' : 'degraded'
      const more = {
        workerId: identity.workerId,
        uptime: clock.now() - startedAtMs,
        metrics: own?.heartbeat?.metrics ?? null,
      }
      // Whoever shows nothing may know whether to ask here, and no more.
      const answer = mayDo(exchange.caller, 'read') ? { status, ...more } : { status }
      exchange.json(status === 'unhealthy' ? 503 : 200, answer)
    },
  }
}
