import type { RoutingPolicy } from '../../main/routing/candidate.ts'

const any = { minGpuCores: 0, minMemoryGB: 0, preferredChips: [], preferredWorkers: [] }

/** The configuration's defaults, with tiers that every Mac meets. */
export const defaultPolicy: RoutingPolicy = {
  strategy: 'hardware_aware',
  preferModelLoaded: true,
  avoidOverloaded: true,
  sessionTtlMs: 300_000,
  tiers: { '30B+': any, '13-27B': any, '7-13B': any, '3-7B': any, '<3B': any },
  knownWorkers: [],
}
