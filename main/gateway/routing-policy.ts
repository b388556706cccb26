// What the configuration says about routing, in routing's own words.
import type { Config } from '../config/config.ts'
import type { RoutingPolicy, TierNeeds } from '../routing/candidate.ts'

export function routingPolicy({ load_balancing, models, workers }: Config): RoutingPolicy {
  const tiers = models.tier_preferences
  return {
    strategy: load_balancing.strategy,
    preferModelLoaded: load_balancing.prefer_model_loaded,
    avoidOverloaded: load_balancing.avoid_overloaded,
    sessionTtlMs: load_balancing.sticky_sessions ? load_balancing.session_ttl_ms : null,
    tiers: {
      '30B+': needs(tiers['30B+']),
      '13-27B': needs(tiers['13-27B']),
      '7-13B': needs(tiers['7-13B']),
      '3-7B': needs(tiers['3-7B']),
      '<3B': needs(tiers['<3B']),
    },
    knownWorkers: workers.static.map(({ ip, name, priority, tags }) => ({
      ip,
      name: name ?? null,
      priority,
      tags,
    })),
  }
}

type TierPreferences = Config['models']['tier_preferences']['<3B']

function needs(preferences: TierPreferences): TierNeeds {
  return {
    minGpuCores: preferences.min_gpu_cores,
    minMemoryGB: preferences.min_memory_gb,
    preferredChips: preferences.preferred_chips,
    preferredWorkers: preferences.preferred_workers,
  }
}
