import { describe, expect, test } from 'vitest'
import { bucketOf, latencyBuckets, percentilesOf } from '../../main/telemetry/latency-counts.ts'

function countsOf(latencies: readonly number[]): number[] {
  const counts: number[] = Array(latencyBuckets).fill(0)
  for (const latencyMs of latencies) counts[bucketOf(latencyMs)] = (counts[bucketOf(latencyMs)] ?? 0) + 1
  return counts
}

describe('percentiles out of counts', () => {
  test.each([1, 40, 3000, 250_000])('are within a twentieth of the true ones around %d ms', scale => {
    const latencies = Array.from({ length: 1000 }, (_, i) => scale * (0.5 + i / 1000))
    const { p50, p95, p99 } = percentilesOf(countsOf(latencies))
    for (const [found, share] of [
      [p50, 0.5],
      [p95, 0.95],
      [p99, 0.99],
    ]) {
      const exact = latencies[Math.ceil((share ?? 0) * 1000) - 1] ?? 0
      expect(Math.abs((found ?? 0) / exact - 1)).toBeLessThan(0.05)
    }
  })

  test('are unknown without requests, and exist for what is off the scale', () => {
    expect(percentilesOf([])).toEqual({ p50: null, p95: null, p99: null })
    expect(bucketOf(0)).toBe(0)
    expect(bucketOf(Number.NaN)).toBe(0)
    expect(bucketOf(1e12)).toBe(latencyBuckets - 1)
    expect(percentilesOf(countsOf([0, 0, 1e12])).p50).toBeLessThan(1)
  })
})
