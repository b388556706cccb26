// What routing knows of the Macs, of the request, and of the owner's wishes.
import type { Hardware } from '../protocol/workers.ts'
import type { Tier } from './tier.ts'

/** `load_balancing`, `models.tier_preferences` and `workers.static` of the configuration. */
export interface RoutingPolicy {
  readonly strategy: 'round_robin' | 'least_loaded' | 'hardware_aware'
  readonly preferModelLoaded: boolean
  readonly avoidOverloaded: boolean
  /** How long a conversation stays on its Mac after its last request; null: no conversation does. */
  readonly sessionTtlMs: number | null
  readonly tiers: Readonly<Record<Tier, TierNeeds>>
  readonly knownWorkers: readonly KnownWorker[]
}

export interface TierNeeds {
  readonly minGpuCores: number
  readonly minMemoryGB: number
  /** Parts of chip names: "M4 Max". */
  readonly preferredChips: readonly string[]
  /** Names, ids or tags of Macs. */
  readonly preferredWorkers: readonly string[]
}

/** A Mac that the configuration says something about. */
export interface KnownWorker {
  readonly ip: string
  readonly name: string | null
  readonly priority: number
  readonly tags: readonly string[]
}

/** What routing knows of one worker that has the model. */
export interface Candidate {
  readonly workerId: string
  /** Its id, its names and its tags. */
  readonly names: readonly string[]
  readonly hardware: Hardware
  readonly priority: number
  readonly gpuUtilizationPercent: number
  readonly activeRequests: number
  readonly queuedRequests: number
  readonly maxConcurrent: number
  readonly model: 'ready' | 'coming' | 'away' | 'failed'
  /** Whether the model could be in memory, were it not yet. */
  readonly fits: boolean
  /** Tokens per second that one stream alone gets of this model there; null: not measured yet. */
  readonly tokensPerSecond: number | null
  readonly paused: boolean
  /** Its circuit breaker is open. */
  readonly failing: boolean
  /** The longest beginning of the request that it has in its prefix cache. */
  readonly prefix: PrefixMatch
}

export interface PrefixMatch {
  /** UTF-16 units. */
  readonly length: number
  /** Of the whole request, from 0 to 1. */
  readonly share: number
}

/** What routing has to know of the request. */
export interface Demand {
  readonly tier: Tier
  /** The Mac that its conversation is on; null: on none. */
  readonly sessionWorkerId: string | null
  /** Counts the requests routed so far. */
  readonly turn: number
}
