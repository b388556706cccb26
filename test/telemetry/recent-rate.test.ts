import { expect, test } from 'vitest'
import { RecentRate } from '../../main/telemetry/recent-rate.ts'

test('a rate follows what happens within seconds and falls to zero afterwards', () => {
  const rate = new RecentRate()
  const startMs = 1_800_000_000_000
  expect(rate.perSecond(startMs)).toBe(0)
  for (let ms = 0; ms < 10_000; ms += 100) rate.add(5, startMs + ms)
  expect(rate.perSecond(startMs + 9_999)).toBeCloseTo(50, 0)
  expect(rate.perSecond(startMs + 12_000)).toBeLessThan(50)
  expect(rate.perSecond(startMs + 20_000)).toBe(0)
})
