// Who is here and what they have: this peer's own view of the mesh, built from registrations and heartbeats.
import type { Bus } from '../fabric/bus.ts'
import { parsed } from '../fabric/parsed.ts'
import type { Clock } from '../protocol/clock.ts'
import { encodeJson } from '../protocol/json.ts'
import { isOnDisk, type ModelStatus } from '../protocol/models.ts'
import { subjects } from '../protocol/subjects.ts'
import {
  type Heartbeat,
  heartbeat,
  type Presence,
  presence,
  type Registration,
  registration,
  type Sharing,
  type WorkerStatus,
} from '../protocol/workers.ts'
import type { Log } from '../telemetry/log.ts'

export interface WorkerRecord {
  readonly registration: Registration
  /** Null until the first heartbeat. */
  readonly heartbeat: Heartbeat | null
  /** When something was last heard of it, ms since the epoch, by this Mac's clock. */
  readonly lastHeardMs: number
  readonly status: WorkerStatus
}

export interface ClusterView {
  workers(): readonly WorkerRecord[]
  worker(workerId: string): WorkerRecord | null
  /** Online workers that have the model on their disk, with its state there. */
  holders(modelId: string): readonly { readonly worker: WorkerRecord; readonly model: ModelStatus }[]
  /** A worker's peer is known to be gone: it is offline until it is heard of again. */
  lost(workerId: string): void
  /** Forgets every worker of whom this is not true: they are no members any more. */
  retain(belongs: (workerId: string) => boolean): void
  /** Asks every worker to register again. */
  announce(): void
  /** Calls back when a worker begins or ends to share, pauses, or is about to leave. */
  onSharing(run: (workerId: string, state: Sharing['state']) => void): () => void
  /** Calls back whenever a worker was heard of, is known to be gone, or is forgotten; its silence calls nobody. */
  onChange(run: (workerId: string) => void): () => void
  close(): void
}

export interface ClusterViewOptions {
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
  readonly offlineTimeoutMs: number
  /** This peer, as it announces itself. */
  readonly self: Pick<Presence, 'workerId' | 'epoch'>
}

interface Entry {
  registration: Registration
  heartbeat: Heartbeat | null
  lastHeardMs: number
  /** It said that it leaves, or its peer is known to be gone. */
  gone: boolean
}

/** A worker that has been gone for so long is forgotten. */
const forgetAfterMs = 24 * 3600 * 1000

export function createClusterView({
  bus,
  clock,
  log,
  offlineTimeoutMs,
  self,
}: ClusterViewOptions): ClusterView {
  const entries = new Map<string, Entry>()
  const sharingListeners = new Set<(workerId: string, state: Sharing['state']) => void>()
  const listeners = new Set<(workerId: string) => void>()

  const unsubscribe = [
    bus.subscribe(subjects.register, parsed(registration, log, registered)),
    bus.subscribe(subjects.heartbeat, parsed(heartbeat, log, beat)),
    bus.subscribe(subjects.shutdown, parsed(presence, log, left)),
    bus.onReconnect(announce),
    clock.every(forgetAfterMs / 24, forget),
  ]
  announce()

  return {
    workers: () => [...entries.values()].map(toRecord),
    worker: workerId => {
      const entry = entries.get(workerId)
      return entry ? toRecord(entry) : null
    },
    holders: modelId => {
      const holders: { worker: WorkerRecord; model: ModelStatus }[] = []
      for (const entry of entries.values()) {
        const model = entry.heartbeat?.models.find(status => status.modelId === modelId)
        if (model && isOnDisk(model) && statusOf(entry) !== 'offline')
          holders.push({ worker: toRecord(entry), model })
      }
      return holders
    },
    lost: workerId => {
      const entry = entries.get(workerId)
      if (!entry) return
      entry.gone = true
      tell(workerId)
    },
    retain: belongs => {
      for (const workerId of entries.keys()) if (!belongs(workerId)) drop(workerId)
    },
    announce,
    onSharing: run => {
      sharingListeners.add(run)
      return () => sharingListeners.delete(run)
    },
    onChange: run => {
      listeners.add(run)
      return () => listeners.delete(run)
    },
    close: () => {
      for (const stop of unsubscribe) stop()
    },
  }

  function announce(): void {
    bus.publish(subjects.announce, encodeJson({ ...self, timestamp: clock.now() } satisfies Presence))
  }

  function registered(message: Registration): void {
    const known = entries.get(message.workerId)
    if (known && isOfEarlierRun(message, known)) return
    const sameRun = known?.registration.epoch === message.epoch
    entries.set(message.workerId, {
      registration: message,
      heartbeat: sameRun ? known.heartbeat : null,
      lastHeardMs: clock.now(),
      gone: false,
    })
    if (!sameRun) log.info('a worker has come', { workerId: message.workerId, hostname: message.hostname })
    tell(message.workerId)
  }

  function beat(message: Heartbeat): void {
    const entry = entries.get(message.workerId)
    if (entry && isOfEarlierRun(message, entry)) return
    if (!entry || entry.registration.epoch !== message.epoch) {
      announce() // it came before we listened: ask for its registration
      return
    }
    const before = entry.heartbeat?.sharing.state ?? 'on'
    entry.heartbeat = message
    entry.gone = false
    entry.lastHeardMs = clock.now()
    const { state } = message.sharing
    if (state !== before) for (const run of sharingListeners) run(message.workerId, state)
    tell(message.workerId)
  }

  /** Unless the later run is silent: then the clock there was ahead and has been put right. */
  function isOfEarlierRun({ epoch }: { readonly epoch: number }, entry: Entry): boolean {
    return entry.registration.epoch > epoch && statusOf(entry) !== 'offline'
  }

  function left({ workerId, epoch }: Presence): void {
    const entry = entries.get(workerId)
    if (!entry || entry.registration.epoch > epoch) return
    entry.gone = true
    log.info('a worker has left', { workerId })
    tell(workerId)
  }

  function forget(): void {
    for (const [workerId, { lastHeardMs }] of entries) {
      if (clock.now() - lastHeardMs > forgetAfterMs) drop(workerId)
    }
  }

  function drop(workerId: string): void {
    entries.delete(workerId)
    tell(workerId)
  }

  function tell(workerId: string): void {
    for (const run of listeners) run(workerId)
  }

  function statusOf({ gone, lastHeardMs, heartbeat, registration }: Entry): WorkerStatus {
    if (gone || clock.now() - lastHeardMs > offlineTimeoutMs) return 'offline'
    return heartbeat?.status ?? registration.status
  }

  function toRecord(entry: Entry): WorkerRecord {
    const { registration, heartbeat, lastHeardMs } = entry
    return { registration, heartbeat, lastHeardMs, status: statusOf(entry) }
  }
}
