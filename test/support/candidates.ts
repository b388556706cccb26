import type { Candidate, Demand, RoutingPolicy } from '../../main/routing/candidate.ts'
import { laptop } from './mesh-in-memory.ts'
import { defaultPolicy } from './routing.ts'

/** An idle laptop that has the model loaded. */
export function candidate(workerId: string, more: Partial<Candidate> = {}): Candidate {
  return {
    workerId,
    names: [workerId],
    hardware: laptop,
    priority: 50,
    gpuUtilizationPercent: 0,
    activeRequests: 0,
    queuedRequests: 0,
    maxConcurrent: 10,
    model: 'ready',
    fits: true,
    tokensPerSecond: null,
    paused: false,
    failing: false,
    prefix: { length: 0, share: 0 },
    ...more,
  }
}

export function demand(more: Partial<Demand> = {}): Demand {
  return { tier: '7-13B', sessionWorkerId: null, turn: 0, ...more }
}

export function policy(more: Partial<RoutingPolicy> = {}): RoutingPolicy {
  return { ...defaultPolicy, ...more }
}
