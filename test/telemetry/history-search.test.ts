import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { openHistory } from '../../main/telemetry/history.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { makeTempFolder } from '../support/temp-folder.ts'
import { anyRequest, makeRecord } from './records.ts'

function open(file = ':memory:', clock = new ManualClock()) {
  const history = openHistory({ file, ttlHours: 24, clock, log: silentLog })
  onTestFinished(() => history.close())
  const found = (query: Parameters<typeof anyRequest>[0]) =>
    history.requests(anyRequest(query)).map(({ requestId }) => requestId)
  return { history, clock, found }
}

test('requests are found by text, model, Mac and status, each with the others', () => {
  const { history, found } = open()
  const startedAtMs = 1_800_000_000_000
  history.record(makeRecord({ requestId: 'req_A', modelId: 'org/Llama', startedAtMs }))
  history.record(makeRecord({ requestId: 'req_B', workerId: 'mac10, mac2', startedAtMs: startedAtMs + 1 }))
  const overloaded = { status: 'failed', errorCode: 'OVERLOADED', workerId: null } as const
  history.record(makeRecord({ requestId: 'req_C', ...overloaded, startedAtMs: startedAtMs + 2 }))
  expect(found({ text: 'q_a' })).toEqual(['req_A'])
  expect(found({ text: 'llama' })).toEqual(['req_A'])
  expect(found({ text: 'overload' })).toEqual(['req_C'])
  expect(found({ text: 'req_' })).toEqual(['req_C', 'req_B', 'req_A'])
  expect(found({ text: '%' })).toEqual([])
  expect(found({ text: 'req', status: 'completed' })).toEqual(['req_B', 'req_A'])
  expect(found({ modelId: 'org/Llama' })).toEqual(['req_A'])
  expect(found({ modelId: 'Llama' })).toEqual([])
  expect(found({ workerId: 'mac1' })).toEqual(['req_A'])
  expect(found({ workerId: 'mac2' })).toEqual(['req_B'])
  expect(found({ workerId: 'mac10' })).toEqual(['req_B'])
})

test('requests are read page by page, by when they began', () => {
  const { history, found } = open()
  const startedAtMs = 1_800_000_000_000
  for (const at of [3, 1, 4, 2, 5])
    history.record(makeRecord({ requestId: `r${at}`, startedAtMs: startedAtMs + at }))
  expect(found({ limit: 2 })).toEqual(['r5', 'r4'])
  expect(found({ limit: 2, beforeMs: startedAtMs + 4 })).toEqual(['r3', 'r2'])
  expect(found({ limit: 2, beforeMs: startedAtMs + 2 })).toEqual(['r1'])
})

test('a page may end between requests that began in the same millisecond', () => {
  const { history, found } = open()
  const beforeMs = 1_800_000_000_000
  for (const id of ['a', 'b', 'c']) history.record(makeRecord({ requestId: id, startedAtMs: beforeMs }))
  history.record(makeRecord({ requestId: 'older', startedAtMs: beforeMs - 1 }))
  expect(found({ limit: 2 })).toEqual(['c', 'b'])
  expect(found({ limit: 2, beforeMs, afterId: 'b' })).toEqual(['a', 'older'])
  expect(found({ limit: 2, beforeMs, afterId: 'b', status: 'completed' })).toEqual(['a', 'older'])
  expect(found({ limit: 2, beforeMs, afterId: 'kept no more' })).toEqual(['older'])
})

test('percentiles are of all completed requests, kept and new, far more than are listed', () => {
  const { history, clock } = open()
  const record = (latencyMs: number, more = {}) => history.record(makeRecord({ latencyMs, ...more }))
  for (let i = 0; i < 5000; i++) record(100)
  clock.advance(20_000)
  for (let i = 0; i < 4600; i++) record(200)
  for (let i = 0; i < 400; i++) record(5000)
  for (let i = 0; i < 5000; i++) record(1, { status: 'failed', errorCode: 'OVERLOADED' })
  const { percentiles, requests, successRate, currentLatencyMs } = history.overview()
  expect(requests).toBe(15_000)
  expect(successRate).toBeCloseTo(2 / 3)
  expect(percentiles.p50).toBeCloseTo(100, -1)
  expect(percentiles.p95).toBeCloseTo(200, -1.3)
  expect(percentiles.p99).toBeGreaterThan(4500)
  expect(currentLatencyMs).toBeGreaterThan(100)
})

test('percentiles survive a restart and forget what is older than a day', () => {
  const file = join(makeTempFolder(), 'history.db')
  const clock = new ManualClock()
  const first = openHistory({ file, ttlHours: 24, clock, log: silentLog })
  for (let i = 0; i < 1000; i++) first.record(makeRecord({ latencyMs: 100 }))
  first.close()
  const { history } = open(file, clock)
  expect(history.overview().percentiles.p95).toBeCloseTo(100, -1)
  clock.advance(25 * 3_600_000)
  expect(history.overview().percentiles.p95).toBeNull()
})

test('a file of an earlier release is gone on with: its requests have no time in a queue', () => {
  const file = join(makeTempFolder(), 'history.db')
  const old = new DatabaseSync(file)
  old.exec(`CREATE TABLE requests (
    id INTEGER PRIMARY KEY,
    requestId TEXT NOT NULL, modelId TEXT NOT NULL, workerId TEXT, status TEXT NOT NULL, httpStatus INTEGER NOT NULL,
    startedAtMs REAL NOT NULL, latencyMs REAL NOT NULL, firstTokenMs REAL,
    promptTokens INTEGER NOT NULL, tokensGenerated INTEGER NOT NULL, cachedTokens INTEGER NOT NULL, errorCode TEXT,
    choices TEXT) STRICT;
    CREATE INDEX requests_by_status ON requests (status, id);
    INSERT INTO requests VALUES (1, 'old', 'tiny', 'mac1', 'completed', 200, 1800000000000, 5, 1, 1, 1, 0, NULL, NULL)`)
  old.close()
  const { history, found } = open(file)
  history.record(makeRecord({ requestId: 'new', queuedMs: 12, startedAtMs: 1_800_000_000_001 }))
  expect(found({})).toEqual(['new', 'old'])
  expect(history.request('new')?.queuedMs).toBe(12)
  expect(history.request('old')?.queuedMs).toBeNull()
})
