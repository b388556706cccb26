// Chooses the Mac for a request: pure functions of a view, no I/O, no clock. The score is SPEC §2's.
import type { Hardware } from '../protocol/workers.ts'

/** `load_balancing` of the configuration. */
export interface RoutingPolicy {
  readonly strategy: 'round_robin' | 'least_loaded' | 'hardware_aware'
  readonly preferModelLoaded: boolean
  readonly avoidOverloaded: boolean
}

/** What routing knows of one worker that has the model. */
export interface Candidate {
  readonly workerId: string
  readonly hardware: Hardware
  readonly priority: number
  readonly gpuUtilizationPercent: number
  readonly activeRequests: number
  readonly maxConcurrent: number
  readonly modelLoaded: boolean
}

/** Why a Mac was or was not chosen: the parts add up to `total`. */
export interface Score {
  readonly workerId: string
  readonly chip: number
  readonly gpuCores: number
  readonly memory: number
  readonly idle: number
  readonly modelLoaded: number
  readonly priority: number
  readonly gpuBusy: number
  readonly total: number
}

/** Workers above this share of their capacity are passed over while another one is below it. */
const overloadedShare = 0.8

/** `turn` counts the requests routed so far. Null when there is no candidate. */
export function pickWorker(
  candidates: readonly Candidate[],
  policy: RoutingPolicy,
  turn: number,
): Candidate | null {
  const pool = policy.avoidOverloaded ? withoutOverloaded(candidates) : candidates
  if (pool.length <= 1) return pool[0] ?? null
  if (policy.strategy === 'round_robin') return pool[turn % pool.length] ?? null
  if (policy.strategy === 'least_loaded')
    return best(pool, worker => -worker.activeRequests / worker.maxConcurrent)
  return best(pool, worker => scoreWorker(worker, policy).total)
}

export function scoreWorker(worker: Candidate, policy: Pick<RoutingPolicy, 'preferModelLoaded'>): Score {
  const parts = {
    chip: chipBase(worker.hardware),
    gpuCores: worker.hardware.gpuCores / 2,
    memory: worker.hardware.unifiedMemoryGB / 4,
    idle: Math.max(0, 50 - 5 * worker.activeRequests),
    modelLoaded: policy.preferModelLoaded && worker.modelLoaded ? 30 : 0,
    priority: worker.priority / 5,
    gpuBusy: -worker.gpuUtilizationPercent / 5,
  }
  const total = Object.values(parts).reduce((sum, part) => sum + part, 0)
  return { workerId: worker.workerId, ...parts, total }
}

function withoutOverloaded(candidates: readonly Candidate[]): readonly Candidate[] {
  const calm = candidates.filter(worker => worker.activeRequests <= overloadedShare * worker.maxConcurrent)
  return calm.length > 0 ? calm : candidates
}

const unknownChip = 10
const baseOfGeneration = [unknownChip, 10, 15, 20, 25, 30]
const aboveBase = { base: 0, pro: 10, max: 20, ultra: 30, other: 0 }

function chipBase({ chipGeneration, variant }: Hardware): number {
  const base = chipGeneration > 0 ? baseOfGeneration[chipGeneration] : undefined
  return base === undefined || variant === 'other' ? unknownChip : base + aboveBase[variant]
}

function best(pool: readonly Candidate[], value: (worker: Candidate) => number): Candidate | null {
  let winner: Candidate | null = null
  let highest = Number.NEGATIVE_INFINITY
  for (const worker of pool) {
    const worth = value(worker)
    if (worth > highest) {
      highest = worth
      winner = worker
    }
  }
  return winner
}
