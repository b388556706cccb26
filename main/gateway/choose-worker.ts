// Which Mac gets a sequence, and why: the current view of the mesh, as `routing/` wants to see it, and what this gateway
// remembers of its own requests.
import type { ClusterView, WorkerRecord } from '../cluster/view.ts'
import type { ChoiceStrategy, Score } from '../protocol/choices.ts'
import type { Clock } from '../protocol/clock.ts'
import { MeshError } from '../protocol/errors.ts'
import { prefixesOf } from '../protocol/prefixes.ts'
import type { Heartbeat } from '../protocol/workers.ts'
import type { Candidate, RoutingPolicy } from '../routing/candidate.ts'
import { CircuitBreaker, type Outcome } from '../routing/circuit-breaker.ts'
import { pickWorker } from '../routing/pick-worker.ts'
import { longestMatch, RecentPrefixes } from '../routing/prefix-affinity.ts'
import { StickySessions } from '../routing/sticky-sessions.ts'
import { meetsTier, type Tier, tierOf } from '../routing/tier.ts'
import type { Log } from '../telemetry/log.ts'
import { type Holder, makeCandidate, openHolders } from './candidates.ts'
import type { Sequence } from './infer.ts'
import { canLook, nobodySees } from './seeing.ts'

/** The Mac that was chosen, and what spoke for each. */
export interface Choice {
  readonly workerId: string
  /** Of its run: what comes of the choice is not blamed on a Mac that has started anew. */
  readonly epoch: number
  /** Of the model there: only Macs with an equal one can go on with its answer. */
  readonly fingerprint: string
  readonly strategy: ChoiceStrategy
  /** Of every Mac that was considered. */
  readonly scores: readonly Score[]
}

export interface WorkerChoice {
  /** Throws MeshError: MODEL_NOT_FOUND, or NO_WORKER when no Mac that is not `excluded` can do it now. */
  choose(sequence: Sequence, excluded: ReadonlySet<string>, wanted?: Wanted): Choice
  /**
   * How a request on a Mac ended; `failed` is the Mac's fault, never the client's. Macs that fail often are avoided; one that
   * was lost is left alone until something is heard of it.
   */
  report(choice: Pick<Choice, 'workerId' | 'epoch'>, outcome: Outcome): void
}

/** What an answer that is under way asks of the Mac that goes on with it. */
interface Wanted {
  /** Absent: nothing has been said yet, and any model of that name will do. */
  readonly fingerprint?: string | undefined
  /** A Mac that does not fail, with the model in memory and room for one more. */
  readonly atOnce?: boolean
}

export interface WorkerChoiceOptions {
  readonly view: ClusterView
  /** Requests under way on a worker, as this gateway knows them. */
  readonly activeOn: (workerId: string) => number
  readonly policy: RoutingPolicy
  /** This peer: its own worker serves it also while it shares with nobody. */
  readonly selfId: string
  readonly clock: Clock
  readonly log: Log
}

export function createWorkerChoice(options: WorkerChoiceOptions): WorkerChoice {
  const { view, activeOn, policy, selfId, clock, log } = options
  const breaker = new CircuitBreaker()
  const sessions = policy.sessionTtlMs === null ? null : new StickySessions(policy.sessionTtlMs)
  const recent = new RecentPrefixes()
  /** Macs that were lost, with when they had last been heard of. */
  const lost = new Map<string, number>()
  /** This gateway's requests on a Mac when a heartbeat of it was first looked at. */
  const ownAtBeat = new WeakMap<Heartbeat, number>()
  const digests = new WeakMap<readonly string[], ReadonlySet<string>>()
  /** Models of which the log says already that no Mac here is large enough. */
  const toldTooLarge = new Set<string>()
  let turn = 0
  return { choose, report }

  function choose(sequence: Sequence, excluded: ReadonlySet<string>, wanted: Wanted = {}): Choice {
    const { modelId } = sequence
    const all = openHolders(view.holders(modelId), selfId)
    const kind = sequence.embedding ? 'embedding' : undefined
    const ofKind = all.filter(({ model }) => model.kind === kind)
    if (ofKind.length === 0) throw all.length > 0 ? otherKind(modelId, kind) : noHolder(modelId)
    const holders = ofKind.filter(({ model }) => canLook(model, sequence))
    const [holder] = holders
    if (!holder) throw nobodySees(modelId, sequence, ofKind)
    const nowMs = clock.now()
    const asked = holders.filter(
      each => !excluded.has(each.registration.workerId) && canTake(each, wanted, nowMs),
    )
    const prefixes = holders.length > 1 ? prefixesOf(modelId, sequence) : []
    const candidates = asked.map(candidate)
    const tier = tierOf(modelId, holder.model.sizeBytes)
    const session = sequence.sessionId === undefined ? null : `${modelId}\n${sequence.sessionId}`
    const sessionWorkerId = session === null ? null : (sessions?.find(session, nowMs) ?? null)
    const picked = pickWorker(candidates, policy, { tier, sessionWorkerId, turn: turn++ })
    if (!picked)
      throw new MeshError('NO_WORKER', `No Mac that has ${modelId} answers.`, { retryAfterMs: 1000 })

    const { worker, strategy, scores } = picked
    const { workerId } = worker
    const { model, registration } = asked.find(each => each.registration.workerId === workerId) ?? holder
    const { epoch } = registration
    if (session !== null) sessions?.keep(session, workerId, nowMs)
    recent.sent(prefixes, workerId, nowMs)
    breaker.sent(workerId, epoch, nowMs)
    warnOfTier(modelId, tier, worker)
    return { workerId, epoch, fingerprint: model.fingerprint, strategy, scores }

    function candidate(holder: Holder): Candidate {
      const { workerId, epoch } = holder.registration
      const digest = digestOf(holder.heartbeat.prefixes)
      const holds = (hash: string) => digest.has(hash) || recent.workerOf(hash, nowMs) === workerId
      return makeCandidate(holder, policy.knownWorkers, {
        ...loadOf(holder),
        failing: breaker.isOpen(workerId, epoch, nowMs),
        prefix: longestMatch(prefixes, holds),
      })
    }
  }

  function canTake(holder: Holder, wanted: Wanted, nowMs: number): boolean {
    const { registration, lastHeardMs, model } = holder
    const { workerId, epoch, capabilities } = registration
    if (lost.get(workerId) === lastHeardMs) return false
    if (wanted.fingerprint !== undefined && model.fingerprint !== wanted.fingerprint) return false
    if (!wanted.atOnce) return true
    if (model.state !== 'ready' || breaker.isOpen(workerId, epoch, nowMs)) return false
    return loadOf(holder).active < capabilities.maxConcurrent
  }

  /**
   * A heartbeat is up to a second old: of its requests, those of other gateways are believed, and our own are counted. Believed
   * as it is, it would send everything of a busy second to the same Mac.
   */
  function loadOf({ registration, heartbeat }: Holder): { active: number; queued: number } {
    const { activeRequests, queuedRequests } = heartbeat.metrics
    const own = activeOn(registration.workerId)
    const ownThen = ownAtBeat.get(heartbeat) ?? own
    if (!ownAtBeat.has(heartbeat)) ownAtBeat.set(heartbeat, own)
    return {
      active: own + Math.max(0, activeRequests - ownThen),
      queued: queuedRequests > 0 ? Math.max(0, queuedRequests + own - ownThen) : 0,
    }
  }

  function report({ workerId, epoch }: Pick<Choice, 'workerId' | 'epoch'>, outcome: Outcome): void {
    breaker.note(workerId, epoch, outcome, clock.now())
    const worker = view.worker(workerId)
    if (worker?.registration.epoch !== epoch) return
    if (outcome === 'lost') lost.set(workerId, worker.lastHeardMs)
    else lost.delete(workerId)
  }

  function digestOf(hashes: readonly string[]): ReadonlySet<string> {
    const known = digests.get(hashes)
    if (known) return known
    const digest = new Set(hashes)
    digests.set(hashes, digest)
    return digest
  }

  /** Said once, and again when the Mac that was large enough has gone again. */
  function warnOfTier(modelId: string, tier: Tier, worker: Candidate): void {
    const needs = policy.tiers[tier]
    if (meetsTier(worker, needs)) {
      toldTooLarge.delete(modelId)
      return
    }
    if (toldTooLarge.has(modelId)) return
    toldTooLarge.add(modelId)
    const { minGpuCores, minMemoryGB } = needs
    const { workerId } = worker
    const message =
      'no Mac here is as large as models.tier_preferences asks for this model; it runs all the same'
    log.warn(message, { modelId, tier, minGpuCores, minMemoryGB, workerId })
  }

  function noHolder(modelId: string): MeshError {
    const pausing = view.holders(modelId).map(({ worker }) => whyNot(worker))
    if (pausing.length > 0) {
      const message = `No Mac that has ${modelId} shares its GPU right now: ${pausing.join('; ')}.`
      return new MeshError('NO_WORKER', message, { retryAfterMs: 1000 })
    }
    if (view.workers().some(worker => worker.status !== 'offline' && worker.heartbeat)) {
      const message = `The model ${modelId} does not exist on any Mac of this mesh; GET /v1/models lists those that do.`
      return new MeshError('MODEL_NOT_FOUND', message, { param: 'model' })
    }
    return new MeshError('NO_WORKER', 'No Mac of this mesh shares its GPU right now.', { retryAfterMs: 1000 })
  }
}

/** Of the model, other than what it was asked for. */
function otherKind(modelId: string, wanted: 'embedding' | undefined): MeshError {
  const message =
    wanted === 'embedding'
      ? `The model ${modelId} makes text, not embeddings.`
      : `The model ${modelId} makes embeddings, not text: ask it at POST /v1/embeddings.`
  return new MeshError('INVALID_REQUEST', message, { param: 'model' })
}

function whyNot({ registration, heartbeat }: WorkerRecord): string {
  const { hostname } = registration
  if (heartbeat?.sharing.state === 'leaving') return `${hostname} is stopping`
  return `${hostname} is paused${heartbeat?.sharing.reason ? ` (${heartbeat.sharing.reason})` : ''}`
}
