import { describe, expect, test } from 'vitest'
import {
  type Candidate,
  pickWorker,
  type RoutingPolicy,
  scoreWorker,
} from '../../main/routing/pick-worker.ts'
import { laptop } from '../support/mesh-in-memory.ts'

function policy(more: Partial<RoutingPolicy> = {}): RoutingPolicy {
  return { strategy: 'hardware_aware', preferModelLoaded: true, avoidOverloaded: true, ...more }
}

function candidate(workerId: string, more: Partial<Candidate> = {}): Candidate {
  return {
    workerId,
    hardware: laptop,
    priority: 50,
    gpuUtilizationPercent: 0,
    activeRequests: 0,
    maxConcurrent: 10,
    modelLoaded: true,
    ...more,
  }
}

describe('the hardware score', () => {
  test.each([
    [1, 'base', 10],
    [1, 'ultra', 40],
    [2, 'pro', 25],
    [3, 'max', 40],
    [4, 'base', 25],
    [5, 'ultra', 60],
    [9, 'max', 10],
    [0, 'other', 10],
  ] as const)('gives the chip of generation %i, %s, %i points', (chipGeneration, variant, points) => {
    expect(
      scoreWorker(candidate('a', { hardware: { ...laptop, chipGeneration, variant } }), policy()).chip,
    ).toBe(points)
  })

  test('adds up as the specification says', () => {
    // M3 Pro, 18 cores, 36 GB, 2 requests, loaded, priority 50, GPU half busy
    const score = scoreWorker(candidate('a', { activeRequests: 2, gpuUtilizationPercent: 50 }), policy())
    expect(score.total).toBe(30 + 9 + 9 + 40 + 30 + 10 - 10)
  })

  test('never punishes a queue by more than the whole bonus for being idle', () => {
    expect(scoreWorker(candidate('a', { activeRequests: 40 }), policy()).idle).toBe(0)
  })
})

describe('the choice of a Mac', () => {
  test('is nobody when nobody has the model', () => {
    expect(pickWorker([], policy(), 0)).toBeNull()
  })

  test('prefers the Mac that has the model loaded', () => {
    const workers = [candidate('cold', { modelLoaded: false }), candidate('warm')]
    expect(pickWorker(workers, policy(), 0)?.workerId).toBe('warm')
  })

  test('passes over a Mac above 80 % of its capacity while another one is below', () => {
    const studio = { ...laptop, gpuCores: 80, unifiedMemoryGB: 512 }
    const workers = [candidate('studio', { hardware: studio, activeRequests: 9 }), candidate('laptop')]
    expect(pickWorker(workers, policy(), 0)?.workerId).toBe('laptop')
    expect(pickWorker(workers.slice(0, 1), policy(), 0)?.workerId).toBe('studio')
  })

  test('does as the configuration says about loaded models and overloaded Macs', () => {
    const studio = { ...laptop, gpuCores: 80, unifiedMemoryGB: 512 }
    const cold = candidate('cold', { hardware: studio, modelLoaded: false, activeRequests: 9 })
    const choose = (more: Partial<RoutingPolicy>) =>
      pickWorker([cold, candidate('warm')], policy(more), 0)?.workerId
    expect(choose({})).toBe('warm')
    expect(choose({ avoidOverloaded: false, preferModelLoaded: false })).toBe('cold')
  })

  test('takes turns with round_robin', () => {
    const workers = [candidate('a'), candidate('b')]
    expect(
      [0, 1, 2, 3].map(turn => pickWorker(workers, policy({ strategy: 'round_robin' }), turn)?.workerId),
    ).toEqual(['a', 'b', 'a', 'b'])
  })

  test('goes to the emptiest Mac, by its own capacity, with least_loaded', () => {
    const workers = [
      candidate('a', { activeRequests: 2, maxConcurrent: 4 }),
      candidate('b', { activeRequests: 3 }),
    ]
    expect(pickWorker(workers, policy({ strategy: 'least_loaded' }), 0)?.workerId).toBe('b')
  })
})
