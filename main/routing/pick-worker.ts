// Chooses the Mac for a request: pure functions of a view, no I/O, no clock.
import type { ChoiceStrategy, Score, SetAside } from '../protocol/choices.ts'
import type { Candidate, Demand, RoutingPolicy } from './candidate.ts'
import { pointsPerToken, scoreWorker } from './score.ts'
import { meetsTier } from './tier.ts'

export interface Pick {
  readonly worker: Candidate
  readonly strategy: ChoiceStrategy
  /** Of every candidate, in their order. */
  readonly scores: readonly Score[]
}

/** Workers above this share of their capacity are passed over while another one is below it. */
const overloadedShare = 0.8

/** Null when there is no candidate. */
export function pickWorker(
  candidates: readonly Candidate[],
  policy: RoutingPolicy,
  demand: Demand,
): Pick | null {
  const reasons = setAside(candidates, policy, demand)
  const context = { policy, tier: demand.tier, pointsPerToken: pointsPerToken(candidates) }
  const scores = candidates.map((worker, i) => scoreWorker(worker, context, reasons[i] ?? null))
  const pool: Rival[] = []
  candidates.forEach((worker, i) => {
    const score = scores[i]
    if (score?.setAside === null) pool.push({ worker, score })
  })
  const atHome = pool.find(({ worker }) => worker.workerId === demand.sessionWorkerId)
  const chosen = atHome ?? byStrategy(pool, policy.strategy, demand.turn)
  if (!chosen) return null
  return { worker: chosen.worker, strategy: atHome ? 'session' : policy.strategy, scores }
}

interface Rival {
  readonly worker: Candidate
  readonly score: Score
}

function byStrategy(pool: readonly Rival[], strategy: RoutingPolicy['strategy'], turn: number): Rival | null {
  if (strategy === 'round_robin') return pool[turn % pool.length] ?? null
  if (strategy === 'hardware_aware') return best(pool, ({ score }) => score.total)
  // Equally empty Macs take turns.
  const rotated = pool.map((_, i) => pool[(turn + i) % pool.length]).filter(rival => rival !== undefined)
  return best(rotated, ({ worker }) => -worker.activeRequests / worker.maxConcurrent)
}

type Objection = (worker: Candidate, policy: RoutingPolicy, demand: Demand) => boolean

/** The weightiest first. Each sets Macs aside while one is left that it does not speak against. */
const objections: readonly (readonly [SetAside, Objection])[] = [
  ['paused', worker => worker.paused],
  ['model-failed', worker => worker.model === 'failed'],
  ['failing', worker => worker.failing],
  ['no-memory', worker => !worker.fits],
  ['below-tier', (worker, policy, { tier }) => !meetsTier(worker, policy.tiers[tier])],
  ['full', worker => worker.activeRequests >= worker.maxConcurrent],
  [
    'overloaded',
    (worker, policy) =>
      policy.avoidOverloaded && worker.activeRequests > overloadedShare * worker.maxConcurrent,
  ],
]

/** For each candidate why it is not in the running, or null. */
function setAside(
  candidates: readonly Candidate[],
  policy: RoutingPolicy,
  demand: Demand,
): (SetAside | null)[] {
  const reasons: (SetAside | null)[] = candidates.map(() => null)
  let left = candidates.length
  for (const [reason, objects] of objections) {
    if (left <= 1) break
    const against = candidates.map((worker, i) => reasons[i] === null && objects(worker, policy, demand))
    const count = against.filter(Boolean).length
    if (count === 0 || count === left) continue
    against.forEach((isAgainst, i) => {
      if (isAgainst) reasons[i] = reason
    })
    left -= count
  }
  return reasons
}

function best(pool: readonly Rival[], value: (rival: Rival) => number): Rival | null {
  let winner: Rival | null = null
  let highest = Number.NEGATIVE_INFINITY
  for (const rival of pool) {
    const worth = value(rival)
    if (worth > highest) {
      highest = worth
      winner = rival
    }
  }
  return winner
}
