// The hardware score of SPEC §2, refined by what has been measured. Pure: the same figures give the same points.
import { shareBeside } from '../protocol/batching.ts'
import type { Score, SetAside } from '../protocol/choices.ts'
import type { Hardware } from '../protocol/workers.ts'
import type { Candidate, PrefixMatch, RoutingPolicy } from './candidate.ts'
import { isPreferred, type Tier } from './tier.ts'

export interface ScoreContext {
  readonly policy: RoutingPolicy
  readonly tier: Tier
  /** From `pointsPerToken`; null when no Mac's speed is known. */
  readonly pointsPerToken: number | null
}

export function scoreWorker(worker: Candidate, context: ScoreContext, setAside: SetAside | null): Score {
  const { policy, tier, pointsPerToken } = context
  const { hardware, tokensPerSecond } = worker
  const measured = tokensPerSecond !== null && pointsPerToken !== null
  const speed = measured ? tokensPerSecond * pointsPerToken : 0
  const chip = measured ? 0 : chipBase(hardware)
  const gpuCores = measured ? 0 : hardware.gpuCores / 2
  const memory = measured ? 0 : hardware.unifiedMemoryGB / 4
  // Beyond ten requests `idle` is silent, and equal Macs would all look the same.
  const shared = (chip + gpuCores + memory + speed) * (shareBeside(worker.activeRequests) - 1)
  const idle = Math.max(0, 50 - 5 * worker.activeRequests)
  const queued = Math.max(-50, 0 - 5 * worker.queuedRequests)
  const modelLoaded = policy.preferModelLoaded ? pointsOfModel[worker.model] : 0
  const prefix = worker.model === 'ready' ? pointsOfPrefix(worker.prefix) : 0
  const preferred = isPreferred(worker, policy.tiers[tier]) ? 20 : 0
  const priority = worker.priority / 5
  const gpuBusy = (0 - worker.gpuUtilizationPercent) / 5
  const total =
    chip +
    gpuCores +
    memory +
    speed +
    shared +
    idle +
    queued +
    modelLoaded +
    prefix +
    preferred +
    priority +
    gpuBusy
  return {
    workerId: worker.workerId,
    chip,
    gpuCores,
    memory,
    speed,
    shared,
    idle,
    queued,
    modelLoaded,
    prefix,
    preferred,
    priority,
    gpuBusy,
    total,
    setAside,
  }
}

/**
 * What a token per second is worth: as many points as the hardware of the measured Macs would have, shared out by what was
 * measured instead. So a measured Mac can be compared with one whose hardware is all that is known.
 */
export function pointsPerToken(candidates: readonly Candidate[]): number | null {
  let points = 0
  let tokens = 0
  for (const { hardware, tokensPerSecond } of candidates) {
    if (tokensPerSecond === null) continue
    points += chipBase(hardware) + hardware.gpuCores / 2 + hardware.unifiedMemoryGB / 4
    tokens += tokensPerSecond
  }
  return tokens > 0 ? points / tokens : null
}

/** A model that is being loaded already is sooner there than one that would have to be. */
const pointsOfModel = { ready: 30, coming: 20, away: 0, failed: 0 } as const

/**
 * A loaded model (30 points) spares a load of about three seconds, so a second is worth ten. Reckoning
 * with 500 tokens of a prompt a second, about 2,000 characters, each 1,000 that are there already spare half a second. With 15
 * points for the share a conversation stays where it is also while it is short, unless three requests are before it.
 */
function pointsOfPrefix({ length, share }: PrefixMatch): number {
  if (length < shortestKept) return 0
  return 15 * share + Math.min(85, (5 * length) / 1000)
}

/** The runtime keeps beginnings from eight tokens on. */
const shortestKept = 32

const unknownChip = 10
const baseOfGeneration = [unknownChip, 10, 15, 20, 25, 30]
const aboveBase = { base: 0, pro: 10, max: 20, ultra: 30, other: 0 }

function chipBase({ chipGeneration, variant }: Hardware): number {
  const base = chipGeneration > 0 ? baseOfGeneration[chipGeneration] : undefined
  return base === undefined || variant === 'other' ? unknownChip : base + aboveBase[variant]
}
