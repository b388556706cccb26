// Which Mac gets a sequence, and why: the current view of the mesh, as `routing/` wants to see it.
import type { ClusterView } from '../cluster/view.ts'
import { MeshError } from '../protocol/errors.ts'
import {
  type Candidate,
  pickWorker,
  type RoutingPolicy,
  type Score,
  scoreWorker,
} from '../routing/pick-worker.ts'
import type { Sequence } from './infer.ts'

/** The Mac that was chosen, and what spoke for each. */
export interface Choice {
  readonly workerId: string
  /** Of the model there: only Macs with an equal one can go on with its answer. */
  readonly fingerprint: string
  readonly strategy: RoutingPolicy['strategy']
  /** Of every Mac that was considered. */
  readonly scores: readonly Score[]
}

export interface WorkerChoice {
  /** Throws MeshError: MODEL_NOT_FOUND, or NO_WORKER when no Mac that is not `excluded` can do it now. */
  choose(sequence: Sequence, excluded: ReadonlySet<string>, wanted?: Wanted): Choice
  /** How a request on a Mac ended. One that was lost is left alone until something is heard of it. */
  report(workerId: string, outcome: 'answered' | 'failed' | 'lost'): void
}

/** What an answer that is under way asks of the Mac that goes on with it. */
export interface Wanted {
  /** Absent: nothing has been said yet, and any model of that name will do. */
  readonly fingerprint?: string | undefined
  /** The model is in memory. */
  readonly loaded?: boolean
}

export interface WorkerChoiceOptions {
  readonly view: ClusterView
  /** Requests under way on a worker, as this gateway knows them. */
  readonly activeOn: (workerId: string) => number
  readonly policy: RoutingPolicy
}

export function createWorkerChoice({ view, activeOn, policy }: WorkerChoiceOptions): WorkerChoice {
  /** Macs that were lost, with when they had last been heard of. */
  const lost = new Map<string, number>()
  let turn = 0
  return { choose, report }

  function choose({ modelId }: Sequence, excluded: ReadonlySet<string>, wanted: Wanted = {}): Choice {
    const holders = view.holders(modelId)
    if (holders.length === 0) throw noHolder(modelId)
    const candidates: Candidate[] = []
    for (const { worker, model } of holders) {
      const { registration, heartbeat } = worker
      const { workerId } = registration
      if (excluded.has(workerId) || !heartbeat || lost.get(workerId) === worker.lastHeardMs) continue
      if (wanted.fingerprint !== undefined && model.fingerprint !== wanted.fingerprint) continue
      if (wanted.loaded && model.state !== 'ready') continue
      candidates.push({
        workerId,
        hardware: registration.hardware,
        priority: registration.priority,
        gpuUtilizationPercent: heartbeat.metrics.gpuUtilizationPercent,
        // A heartbeat is up to a second old; what this gateway has sent since is known exactly.
        activeRequests: Math.max(heartbeat.metrics.activeRequests, activeOn(workerId)),
        maxConcurrent: registration.capabilities.maxConcurrent,
        modelLoaded: model.state === 'ready',
      })
    }
    const chosen = pickWorker(candidates, policy, turn++)
    if (!chosen)
      throw new MeshError('NO_WORKER', `No Mac that has ${modelId} answers.`, { retryAfterMs: 1000 })
    const scores = candidates.map(candidate => scoreWorker(candidate, policy))
    const { workerId } = chosen
    const fingerprint = holders.find(holder => holder.worker.registration.workerId === workerId)?.model
      .fingerprint
    return { workerId, fingerprint: fingerprint ?? '', strategy: policy.strategy, scores }
  }

  function report(workerId: string, outcome: 'answered' | 'failed' | 'lost'): void {
    const worker = view.worker(workerId)
    if (outcome === 'lost' && worker) lost.set(workerId, worker.lastHeardMs)
    else lost.delete(workerId)
  }

  function noHolder(modelId: string): MeshError {
    if (view.workers().some(worker => worker.status !== 'offline' && worker.heartbeat)) {
      const message = `The model ${modelId} does not exist on any Mac of this mesh; GET /v1/models lists those that do.`
      return new MeshError('MODEL_NOT_FOUND', message, { param: 'model' })
    }
    return new MeshError('NO_WORKER', 'No Mac of this mesh shares its GPU right now.', { retryAfterMs: 1000 })
  }
}
