// How far the other Macs are: there and back over the mesh, measured while somebody looks at a dashboard. Fifty Macs that
// always asked each other would send a thousand messages a second between them for nobody.
import type { Clock } from '../protocol/clock.ts'
import type { MeshView } from './ports.ts'

export interface Links {
  /** Somebody has looked: measures now, and again for some seconds. */
  watch(): void
  /** Milliseconds; null: not measured, or this Mac itself. */
  of(workerId: string): number | null
  close(): void
}

export interface LinksOptions {
  readonly view: Pick<MeshView, 'workers'>
  /** Rejects within a second or so when no answer comes. */
  readonly ping: (workerId: string) => Promise<unknown>
  readonly selfId: string
  /** Whether somebody goes on looking. */
  readonly isWatched: () => boolean
  readonly clock: Clock
}

const measureEachMs = 5000
const watchedForMs = 15_000
/** A single round trip may have waited for something else: the shortest of the last ones is the way itself. */
const keptMeasurements = 3

export function createLinks({ view, ping, selfId, isWatched, clock }: LinksOptions): Links {
  const measured = new Map<string, number[]>()
  let watchedUntilMs = 0
  let stop: (() => void) | null = null

  return {
    watch() {
      watchedUntilMs = clock.now() + watchedForMs
      if (stop) return
      stop = clock.every(measureEachMs, measure)
      measure()
    },
    of: workerId => {
      const times = measured.get(workerId)
      return times ? Math.min(...times) : null
    },
    close: rest,
  }

  function rest(): void {
    stop?.()
    stop = null
  }

  function measure(): void {
    if (clock.now() >= watchedUntilMs && !isWatched()) {
      rest()
      return
    }
    const here = new Set<string>()
    for (const { registration, status } of view.workers()) {
      const { workerId } = registration
      if (status === 'offline' || workerId === selfId) continue
      here.add(workerId)
      void measureOne(workerId)
    }
    for (const workerId of measured.keys()) if (!here.has(workerId)) measured.delete(workerId)
  }

  async function measureOne(workerId: string): Promise<void> {
    const startedMs = performance.now()
    try {
      await ping(workerId)
    } catch {
      measured.delete(workerId) // whether it is still there is not decided here
      return
    }
    const times = measured.get(workerId) ?? []
    measured.set(workerId, [...times.slice(1 - keptMeasurements), performance.now() - startedMs])
  }
}
