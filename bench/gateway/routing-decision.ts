import { type Prefix, prefixesOf } from '../../main/protocol/prefixes.ts'
import type { Candidate, RoutingPolicy } from '../../main/routing/candidate.ts'
import { pickWorker } from '../../main/routing/pick-worker.ts'
import { longestMatch, RecentPrefixes } from '../../main/routing/prefix-affinity.ts'
import { monotonicUs } from '../load/clock.ts'
import { summarize } from '../load/samples.ts'

const workers = 50
const hashesPerWorker = 128
const decisions = 20_000
const needs = { minGpuCores: 15, minMemoryGB: 16, preferredChips: ['M4 Max'], preferredWorkers: ['w7'] }
const policy: RoutingPolicy = {
  strategy: 'hardware_aware',
  preferModelLoaded: true,
  avoidOverloaded: true,
  sessionTtlMs: 300_000,
  tiers: { '30B+': needs, '13-27B': needs, '7-13B': needs, '3-7B': needs, '<3B': needs },
  knownWorkers: [],
}

/** p95 of one choice among many workers, for a turn of a long conversation, in milliseconds, the clock's own cost included. */
export function measureRouting(): number {
  const candidates = Array.from({ length: workers }, (_, i) => candidate(i))
  const digests = candidates.map((_, i) => digest(i))
  const recent = new RecentPrefixes()
  const takenUs: number[] = []
  for (let turn = 0; turn < decisions; turn++) {
    const prefixes = conversation(turn)
    const from = monotonicUs()
    const matched = candidates.map((worker, i) => {
      const holds = (hash: string) =>
        digests[i]?.has(hash) === true || recent.workerOf(hash, turn) === worker.workerId
      return { ...worker, prefix: longestMatch(prefixes, holds) }
    })
    const picked = pickWorker(matched, policy, { tier: '7-13B', sessionWorkerId: null, turn })
    if (picked) recent.sent(prefixes, picked.worker.workerId, turn)
    takenUs.push(monotonicUs() - from)
  }
  return (summarize(takenUs)?.p95 ?? Number.NaN) / 1e3
}

function candidate(i: number): Candidate {
  return {
    workerId: `w${i}`,
    names: [`w${i}`, `mac-${i}.local`],
    hardware: {
      chipModel: 'Apple M4 Pro',
      chipGeneration: 4,
      variant: 'pro',
      gpuCores: 20,
      cpuCores: 14,
      performanceCores: 10,
      efficiencyCores: 4,
      unifiedMemoryGB: 24 + i,
      metalVersion: null,
      osVersion: '26.0',
    },
    priority: i,
    gpuUtilizationPercent: i,
    activeRequests: i % 7,
    queuedRequests: i % 3,
    maxConcurrent: 16,
    model: i % 2 === 0 ? 'ready' : 'away',
    fits: i % 5 !== 0,
    tokensPerSecond: i % 2 === 0 ? 20 + i : null,
    paused: false,
    failing: i % 11 === 0,
    prefix: { length: 0, share: 0 },
  }
}

function digest(i: number): ReadonlySet<string> {
  return new Set(
    Array.from({ length: hashesPerWorker }, (_, n) => prefixesOf(`m${i}`, { prompt: `${n}` })[0]?.hash ?? ''),
  )
}

/** Twenty messages, of one of a thousand conversations. */
function conversation(turn: number): Prefix[] {
  const messages = Array.from({ length: 20 }, (_, n) => ({ role: 'user', content: `${turn % 1000} ${n}` }))
  return prefixesOf('m', { messages })
}
