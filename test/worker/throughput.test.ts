import { describe, expect, test } from 'vitest'
import { retryAfterMs } from '../../main/worker/retry-after.ts'
import { createThroughput } from '../../main/worker/throughput.ts'
import { ManualClock } from '../support/manual-clock.ts'

describe('the speed of one stream', () => {
  test('is what a stream got when it was alone', () => {
    const throughput = createThroughput(new ManualClock())
    throughput.streamEnded('m', 100, 2000, 0)
    expect(throughput.streamTokensPerSecond()).toEqual({ m: 50 })
  })

  test('is reckoned back from streams that had others beside them', () => {
    const throughput = createThroughput(new ManualClock())
    throughput.streamEnded('m', 100, 2000, 8)
    expect(throughput.streamTokensPerSecond()).toEqual({ m: 100 })
  })

  test('follows a Mac that becomes slower, without jumping', () => {
    const throughput = createThroughput(new ManualClock())
    throughput.streamEnded('m', 100, 1000, 0)
    throughput.streamEnded('m', 50, 1000, 0)
    expect(throughput.streamTokensPerSecond()['m']).toBeCloseTo(90)
  })

  test('is not known from an answer too short to measure', () => {
    const throughput = createThroughput(new ManualClock())
    throughput.streamEnded('m', 1, 3, 0)
    throughput.streamEnded('m', 0, 3000, 0)
    expect(throughput.streamTokensPerSecond()).toEqual({})
  })
})

describe('a full Mac asks to be asked again', () => {
  test.each([
    [
      'as soon as a place is free, where requests end fast',
      { active: 256, queued: 0, avgLatencyMs: 2000 },
      1000,
    ],
    ['when the next of four long answers ends', { active: 4, queued: 0, avgLatencyMs: 20_000 }, 5000],
    ['when those that wait have had their turn', { active: 256, queued: 127, avgLatencyMs: 20_000 }, 10_000],
    ['within 30 s, however long its queue is', { active: 4, queued: 200, avgLatencyMs: 60_000 }, 30_000],
    ['in a second, when nothing has been measured', { active: 1, queued: 0, avgLatencyMs: 0 }, 1000],
  ])('%s', (_, load, expected) => {
    expect(retryAfterMs(load)).toBe(expected)
  })
})
