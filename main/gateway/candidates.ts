// The Macs that could take a sequence, as `routing/` wants to see them: figures of the view, wishes of the configuration.
import type { WorkerRecord } from '../cluster/view.ts'
import { memoryBytesOf } from '../protocol/model-memory.ts'
import type { ModelStatus } from '../protocol/models.ts'
import type { Heartbeat, Registration } from '../protocol/workers.ts'
import type { Candidate, KnownWorker, PrefixMatch } from '../routing/candidate.ts'

/** An online Mac that has the model and has said how it is. */
export interface Holder {
  readonly registration: Registration
  readonly heartbeat: Heartbeat
  readonly model: ModelStatus
  readonly lastHeardMs: number
}

/** What the view does not know. */
export interface Circumstances {
  /** Requests under way on it, and those of them that wait there. */
  readonly active: number
  readonly queued: number
  readonly failing: boolean
  readonly prefix: PrefixMatch
}

/** A Mac that leaves takes nothing any more, one whose sharing is paused only what its own gateway asks. */
export function openHolders(
  holders: readonly { readonly worker: WorkerRecord; readonly model: ModelStatus }[],
  selfId: string,
): Holder[] {
  const open: Holder[] = []
  for (const { worker, model } of holders) {
    const { registration, heartbeat, lastHeardMs } = worker
    if (!heartbeat || heartbeat.sharing.state === 'leaving') continue
    if (heartbeat.sharing.state === 'paused' && registration.workerId !== selfId) continue
    open.push({ registration, heartbeat, model, lastHeardMs })
  }
  return open
}

export function makeCandidate(
  { registration, heartbeat, model }: Holder,
  knownWorkers: readonly KnownWorker[],
  { active, queued, failing, prefix }: Circumstances,
): Candidate {
  const { workerId, hostname, ip } = registration
  const { metrics } = heartbeat
  const known = knownWorkers.find(worker => worker.ip === ip || worker.name === hostname)
  return {
    workerId,
    names: known ? [workerId, hostname, known.name ?? hostname, ...known.tags] : [workerId, hostname],
    hardware: registration.hardware,
    priority: known?.priority ?? registration.priority,
    gpuUtilizationPercent: metrics.gpuUtilizationPercent,
    activeRequests: active,
    queuedRequests: queued,
    maxConcurrent: registration.capabilities.maxConcurrent,
    model: presence(model),
    fits: presence(model) !== 'away' || hasRoom(heartbeat, model),
    tokensPerSecond: metrics.streamTokensPerSecond?.[model.modelId] ?? null,
    paused: heartbeat.sharing.state === 'paused',
    failing,
    prefix,
  }
}

function presence({ state }: ModelStatus): Candidate['model'] {
  if (state === 'ready' || state === 'failed') return state
  return state === 'queued' || state === 'loading' || state === 'warming' ? 'coming' : 'away'
}

/** Models that nobody uses make room. */
function hasRoom({ metrics, models }: Heartbeat, wanted: ModelStatus): boolean {
  let roomBytes = metrics.availableMemoryGB * 2 ** 30
  for (const { activeRequests, memoryBytes } of models) if (activeRequests === 0) roomBytes += memoryBytes
  return roomBytes >= memoryBytesOf(wanted.sizeBytes)
}
