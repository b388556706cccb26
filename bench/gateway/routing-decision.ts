import { type Candidate, pickWorker } from '../../main/routing/pick-worker.ts'
import { monotonicUs } from '../load/clock.ts'
import { summarize } from '../load/samples.ts'

const workers = 50
const decisions = 20_000
const policy = { strategy: 'hardware_aware', preferModelLoaded: true, avoidOverloaded: true } as const

/** p95 of one choice among many workers, in milliseconds, the clock's own cost included. */
export function measureRouting(): number {
  const candidates: Candidate[] = Array.from({ length: workers }, (_, i) => ({
    workerId: `w${i}`,
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
    maxConcurrent: 16,
    modelLoaded: i % 2 === 0,
  }))
  const takenUs: number[] = []
  for (let turn = 0; turn < decisions; turn++) {
    const from = monotonicUs()
    pickWorker(candidates, policy, turn)
    takenUs.push(monotonicUs() - from)
  }
  return (summarize(takenUs)?.p95 ?? Number.NaN) / 1e3
}
