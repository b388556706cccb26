import { describe, expect, test } from 'vitest'
import type { Score } from '../../main/protocol/choices.ts'
import type { Candidate } from '../../main/routing/candidate.ts'
import { pickWorker } from '../../main/routing/pick-worker.ts'
import { candidate, demand, policy } from '../support/candidates.ts'
import { laptop } from '../support/mesh-in-memory.ts'

/** The scores of these Macs, by their ids. */
function scoresOf(...candidates: Candidate[]): Record<string, Score> {
  const scores = pickWorker(candidates, policy(), demand())?.scores ?? []
  return Object.fromEntries(scores.map(score => [score.workerId, score]))
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
    const { a } = scoresOf(candidate('a', { hardware: { ...laptop, chipGeneration, variant } }))
    expect(a?.chip).toBe(points)
  })

  test('adds up as the specification says', () => {
    // M3 Pro, 18 cores, 36 GB, loaded, priority 50, GPU half busy
    const { a } = scoresOf(candidate('a', { gpuUtilizationPercent: 50 }))
    expect(a?.total).toBe(30 + 9 + 9 + 50 + 30 + 10 - 10)
  })

  test('is the sum of its parts, whatever they are', () => {
    const mixed = candidate('a', {
      activeRequests: 3,
      queuedRequests: 2,
      tokensPerSecond: 40,
      gpuUtilizationPercent: 70,
      prefix: { length: 4000, share: 0.5 },
    })
    const { a } = scoresOf(mixed, candidate('b', { tokensPerSecond: 20 }))
    const { workerId, setAside, total, ...parts } = a ?? expect.fail('no score')
    expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBeCloseTo(total)
  })

  test.each([
    [
      'active requests, also beyond ten',
      { activeRequests: 30, maxConcurrent: 256 },
      { activeRequests: 31, maxConcurrent: 256 },
    ],
    ['requests that wait', { activeRequests: 4 }, { activeRequests: 4, queuedRequests: 2 }],
    ['a GPU that is busy with other things', {}, { gpuUtilizationPercent: 30 }],
    ['a model that has to be loaded', { model: 'coming' }, { model: 'away' }],
    ['a model that is being loaded', { model: 'ready' }, { model: 'coming' }],
    ['a beginning that it does not know', { prefix: { length: 100, share: 0.2 } }, {}],
    [
      'a shorter known beginning',
      { prefix: { length: 9000, share: 0.5 } },
      { prefix: { length: 4000, share: 0.5 } },
    ],
  ] as const)('sinks with %s', (_, better, worse) => {
    const { a, b } = scoresOf(
      candidate('a', { maxConcurrent: 1000, ...better }),
      candidate('b', { maxConcurrent: 1000, ...worse }),
    )
    expect(a?.total).toBeGreaterThan(b?.total ?? Number.NaN)
  })

  test('a known beginning counts only while the model is in memory', () => {
    const prefix = { length: 9000, share: 1 }
    const { a } = scoresOf(candidate('a', { prefix, model: 'away' }), candidate('b'))
    expect(a?.prefix).toBe(0)
  })

  test('stays with a short conversation for the sake of its beginning, but not at any price', () => {
    const prefix = { length: 300, share: 0.9 }
    const chosen = (activeRequests: number) =>
      pickWorker([candidate('new'), candidate('known', { prefix, activeRequests })], policy(), demand())
        ?.worker.workerId
    expect([0, 1, 2, 6].map(chosen)).toEqual(['known', 'known', 'new', 'new'])
  })

  test('stays with a conversation of 10,000 words although five requests are before it', () => {
    const known = candidate('known', { prefix: { length: 60_000, share: 0.99 }, activeRequests: 5 })
    expect(pickWorker([candidate('new'), known], policy(), demand())?.worker.workerId).toBe('known')
  })
})

describe('measured speed', () => {
  const studio = { ...laptop, variant: 'ultra', gpuCores: 76, unifiedMemoryGB: 192 } as const

  test('replaces the points of the hardware', () => {
    const { slow, fast } = scoresOf(
      candidate('slow', { hardware: studio, tokensPerSecond: 10 }),
      candidate('fast', { tokensPerSecond: 40 }),
    )
    expect(slow).toMatchObject({ chip: 0, gpuCores: 0, memory: 0 })
    expect(fast?.speed).toBeCloseTo(4 * (slow?.speed ?? 0))
    expect(fast?.total).toBeGreaterThan(slow?.total ?? Number.NaN)
  })

  test('is worth as much in all as the hardware that was measured, so that the others can be compared', () => {
    const { a, b, unknown } = scoresOf(
      candidate('a', { hardware: studio, tokensPerSecond: 60 }),
      candidate('b', { tokensPerSecond: 30 }),
      candidate('unknown'),
    )
    const hardware = 50 + 38 + 48 + (30 + 9 + 9)
    expect((a?.speed ?? 0) + (b?.speed ?? 0)).toBeCloseTo(hardware)
    expect(unknown).toMatchObject({ chip: 30, gpuCores: 9, memory: 9, speed: 0 })
  })

  test('of one Mac alone changes nothing between it and the others', () => {
    const { a, b } = scoresOf(candidate('a', { tokensPerSecond: 3 }), candidate('b'))
    expect(a?.total).toBeCloseTo(b?.total ?? Number.NaN)
  })

  test('keeps two Macs under load busy in the proportion of their speeds', () => {
    const active = { fast: 0, slow: 0 }
    for (let i = 0; i < 120; i++) {
      const worker = (name: 'fast' | 'slow', tokensPerSecond: number) =>
        candidate(name, { tokensPerSecond, activeRequests: active[name], maxConcurrent: 256 })
      const chosen = pickWorker([worker('fast', 80), worker('slow', 40)], policy(), demand())
      active[chosen?.worker.workerId === 'fast' ? 'fast' : 'slow']++
    }
    expect(active.fast / active.slow).toBeGreaterThan(1.5)
    expect(active.fast / active.slow).toBeLessThan(2.5)
  })
})
