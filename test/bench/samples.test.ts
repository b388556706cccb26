import { expect, test } from 'vitest'
import { median, percentile, summarize } from '../../bench/load/samples.ts'

test('a percentile is the smallest value that so many do not exceed', () => {
  const sorted = Float64Array.from({ length: 100 }, (_, i) => i + 1)
  expect([50, 95, 99, 100].map(percent => percentile(sorted, percent))).toEqual([50, 95, 99, 100])
  expect(percentile(Float64Array.of(7), 99)).toBe(7)
  expect(percentile(Float64Array.of(1, 2, 3), 50)).toBe(2)
})

test('values are summarized in any order', () => {
  expect(summarize([30, 10, 20])).toEqual({ count: 3, mean: 20, p50: 20, p95: 30, p99: 30, max: 30 })
  expect(summarize([])).toBeNull()
})

test('the median of an even count lies between the middle two', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 2, 3])).toBe(2.5)
  expect(median([])).toBeNaN()
})
