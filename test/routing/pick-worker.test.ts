import { describe, expect, test } from 'vitest'
import type { Candidate, Demand, RoutingPolicy, TierNeeds } from '../../main/routing/candidate.ts'
import { pickWorker } from '../../main/routing/pick-worker.ts'
import { candidate, demand, policy } from '../support/candidates.ts'
import { laptop } from '../support/mesh-in-memory.ts'

const studio = { ...laptop, gpuCores: 80, unifiedMemoryGB: 512 }

function pick(
  workers: readonly Candidate[],
  rules: Partial<RoutingPolicy> = {},
  asked: Partial<Demand> = {},
) {
  return pickWorker(workers, policy(rules), demand(asked))
}

function chosen(
  workers: readonly Candidate[],
  rules: Partial<RoutingPolicy> = {},
  asked: Partial<Demand> = {},
) {
  return pick(workers, rules, asked)?.worker.workerId
}

describe('the choice of a Mac', () => {
  test('is nobody when nobody has the model', () => {
    expect(pick([])).toBeNull()
  })

  test('prefers the Mac that has the model loaded', () => {
    expect(chosen([candidate('cold', { model: 'away' }), candidate('warm')])).toBe('warm')
  })

  test('does as the configuration says about loaded models and overloaded Macs', () => {
    const cold = candidate('cold', { hardware: studio, model: 'away', activeRequests: 9 })
    const choose = (rules: Partial<RoutingPolicy>) => chosen([cold, candidate('warm')], rules)
    expect(choose({})).toBe('warm')
    expect(choose({ avoidOverloaded: false, preferModelLoaded: false })).toBe('cold')
  })

  test('takes turns with round_robin', () => {
    const workers = [candidate('a'), candidate('b')]
    const turns = [0, 1, 2, 3].map(turn => chosen(workers, { strategy: 'round_robin' }, { turn }))
    expect(turns).toEqual(['a', 'b', 'a', 'b'])
  })

  test('goes to the emptiest Mac, by its own capacity, with least_loaded', () => {
    const workers = [
      candidate('a', { activeRequests: 2, maxConcurrent: 4 }),
      candidate('b', { activeRequests: 3 }),
    ]
    expect(chosen(workers, { strategy: 'least_loaded' })).toBe('b')
  })

  test('lets equally empty Macs take turns with least_loaded', () => {
    const workers = [candidate('a'), candidate('b')]
    const turns = [0, 1, 2].map(turn => chosen(workers, { strategy: 'least_loaded' }, { turn }))
    expect(turns).toEqual(['a', 'b', 'a'])
  })
})

const reasons = [
  ['paused', { paused: true }],
  ['model-failed', { model: 'failed' }],
  ['failing', { failing: true }],
  ['no-memory', { fits: false, model: 'away' }],
  ['below-tier', { hardware: { ...studio, unifiedMemoryGB: 8 } }],
  ['full', { activeRequests: 10 }],
  ['overloaded', { activeRequests: 9 }],
] as const

const large: TierNeeds = { minGpuCores: 15, minMemoryGB: 16, preferredChips: [], preferredWorkers: [] }
const tiers = { ...policy().tiers, '7-13B': large }

describe('a Mac is set aside', () => {
  test.each(reasons)('when it is %s, and is taken when there is no other', (reason, more) => {
    const wanting = candidate('wanting', { hardware: studio, ...more })
    const both = pick([wanting, candidate('laptop')], { tiers })
    expect(both?.worker.workerId).toBe('laptop')
    expect(both?.scores.map(score => score.setAside)).toEqual([reason, null])
    expect(chosen([wanting], { tiers })).toBe('wanting')
  })

  test.each(reasons)('by nothing that speaks against all of them: %s', (_, more) => {
    const workers = [
      candidate('a', { hardware: studio, ...more }),
      candidate('b', { hardware: studio, ...more }),
    ]
    const picked = pick(workers, { tiers })
    expect(picked?.worker.workerId).toBe('a')
    expect(picked?.scores.map(score => score.setAside)).toEqual([null, null])
  })

  test.each(['round_robin', 'least_loaded'] as const)('with %s, too', strategy => {
    const workers = [candidate('failing', { failing: true }), candidate('laptop', { activeRequests: 3 })]
    expect([0, 1].map(turn => chosen(workers, { strategy }, { turn }))).toEqual(['laptop', 'laptop'])
  })

  test.each(
    reasons.slice(1).map(([lighter, more], i) => ({ lighter, more, weightier: reasons[i] ?? expect.fail() })),
  )('sooner for $weightier.0 than for $lighter', ({ more, weightier }) => {
    const workers = [candidate('weightier', weightier[1]), candidate('lighter', more)]
    expect(chosen(workers, { tiers })).toBe('lighter')
  })
})

describe('models of a size', () => {
  test('go to Macs that the configuration prefers for them, by chip, name or tag', () => {
    const ultra = { ...laptop, chipModel: 'Apple M3 Ultra' }
    const other = candidate('other', { gpuUtilizationPercent: 0 })
    const choose = (needs: Partial<TierNeeds>, preferred: Candidate) =>
      chosen([other, preferred], { tiers: { ...tiers, '7-13B': { ...large, ...needs } } })
    expect(choose({}, candidate('preferred'))).toBe('other')
    expect(choose({ preferredChips: ['m3 ultra'] }, candidate('preferred', { hardware: ultra }))).toBe(
      'preferred',
    )
    const tagged = candidate('preferred', { names: ['preferred', 'studio.local', 'office'] })
    expect(choose({ preferredWorkers: ['office'] }, tagged)).toBe('preferred')
  })

  test('of another size do not care', () => {
    const small = candidate('small', { hardware: { ...laptop, unifiedMemoryGB: 8 } })
    expect(pick([small, candidate('laptop')], { tiers }, { tier: '<3B' })?.scores[0]?.setAside).toBeNull()
  })
})

describe('a conversation', () => {
  test('stays on its Mac whatever the scores and the strategy', () => {
    const workers = [candidate('a', { hardware: studio }), candidate('home', { activeRequests: 4 })]
    for (const strategy of ['hardware_aware', 'least_loaded', 'round_robin'] as const)
      expect(pick(workers, { strategy }, { sessionWorkerId: 'home' })).toMatchObject({
        worker: { workerId: 'home' },
        strategy: 'session',
      })
  })

  test.each(['paused', 'failing', 'overloaded'] as const)('leaves its Mac when it is %s', reason => {
    const [, more] = reasons.find(([name]) => name === reason) ?? expect.fail()
    const workers = [candidate('home', more), candidate('other')]
    expect(pick(workers, {}, { sessionWorkerId: 'home' })).toMatchObject({
      worker: { workerId: 'other' },
      strategy: 'hardware_aware',
    })
  })

  test('leaves a Mac that is not here', () => {
    expect(chosen([candidate('other')], {}, { sessionWorkerId: 'home' })).toBe('other')
  })
})
