import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type History, openHistory } from '../../main/telemetry/history.ts'
import type { Log } from '../../main/telemetry/log.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { makeSmallDisk, makeTempFolder, noSmallDisk } from '../support/temp-folder.ts'
import { anyRequest, makeChoice, makeRecord } from './records.ts'

function open(file: string, clock = new ManualClock(), ttlHours = 24) {
  const warnings: string[] = []
  const log: Log = { ...silentLog, warn: message => warnings.push(message) }
  const history = openHistory({ file, ttlHours, clock, log })
  return { history, clock, warnings }
}

const ids = (history: History) =>
  history.requests(anyRequest({ limit: 100 })).map(request => request.requestId)

describe('the history', () => {
  test('lists the latest requests first, also by status, and survives a restart', () => {
    const file = join(makeTempFolder(), 'history.db')
    const first = open(file)
    const failed = makeRecord({
      requestId: 'b',
      status: 'failed',
      errorCode: 'OVERLOADED',
      workerId: null,
      firstTokenMs: null,
    })
    first.history.record(makeRecord({ requestId: 'a' }))
    first.history.record(failed)
    first.history.record(makeRecord({ requestId: 'c' }))
    first.history.close()
    const { history } = open(file, first.clock)
    expect(ids(history)).toEqual(['c', 'b', 'a'])
    const { choices, ...listed } = failed
    expect(history.requests(anyRequest({ limit: 1, status: 'failed' }))).toEqual([listed])
    expect(history.requests(anyRequest({ limit: 1 }))).toHaveLength(1)
    expect(history.overview()).toMatchObject({
      requests: 3,
      successRate: expect.closeTo(2 / 3),
      latencyMs: 1100,
    })
    history.close()
  })

  test('knows of one request why each of its Macs was chosen, also after a restart', () => {
    const file = join(makeTempFolder(), 'history.db')
    const first = open(file)
    const record = makeRecord({
      requestId: 'moved',
      choices: [makeChoice(), makeChoice({ workerId: 'mac2', strategy: 'session', scores: [] })],
    })
    first.history.record(record)
    first.history.record(makeRecord({ requestId: 'other' }))
    expect(first.history.request('moved')).toEqual(record)
    first.history.close()
    const { history } = open(file, first.clock)
    expect(history.request('moved')).toEqual(record)
    expect(history.request('never asked')).toBeNull()
    history.close()
  })

  test('goes on in a file of a release that did not keep why', () => {
    const file = join(makeTempFolder(), 'history.db')
    const old = new DatabaseSync(file)
    old.exec(`CREATE TABLE requests (
      id INTEGER PRIMARY KEY,
      requestId TEXT NOT NULL, modelId TEXT NOT NULL, workerId TEXT, status TEXT NOT NULL, httpStatus INTEGER NOT NULL,
      startedAtMs REAL NOT NULL, latencyMs REAL NOT NULL, firstTokenMs REAL,
      promptTokens INTEGER NOT NULL, tokensGenerated INTEGER NOT NULL, cachedTokens INTEGER NOT NULL, errorCode TEXT
    ) STRICT`)
    old.exec(
      `INSERT INTO requests VALUES (1, 'old', 'tiny', 'mac1', 'completed', 200, 1800000000000, 5, 1, 1, 1, 0, NULL)`,
    )
    old.close()
    const { history, warnings } = open(file)
    history.record(makeRecord({ requestId: 'new', choices: [makeChoice()] }))
    expect(ids(history)).toEqual(['new', 'old'])
    expect(history.request('old')).toMatchObject({ requestId: 'old', choices: null })
    expect(history.request('new')?.choices).toEqual([makeChoice()])
    expect(warnings).toEqual([])
    history.close()
    expect(ids(open(file).history)).toEqual(['new', 'old'])
  })

  test('shows a request although another release kept other reasons', () => {
    const file = join(makeTempFolder(), 'history.db')
    const first = open(file)
    first.history.record(makeRecord({ requestId: 'other', choices: [makeChoice()] }))
    first.history.close()
    const database = new DatabaseSync(file)
    database.exec(`UPDATE requests SET choices = '[{"workerId":"mac1","luck":7}]'`)
    database.close()
    const { history, warnings } = open(file)
    expect(history.request('other')).toMatchObject({ requestId: 'other', choices: null })
    expect(warnings).toEqual([])
    history.close()
  })

  test('writes within 250 ms, without being asked', () => {
    const file = join(makeTempFolder(), 'history.db')
    const { history, clock } = open(file)
    history.record(makeRecord())
    clock.advance(250)
    const other = new DatabaseSync(file, { readOnly: true })
    expect(other.prepare('SELECT count(*) AS n FROM requests').get()).toMatchObject({ n: 1 })
    other.close()
    history.close()
  })

  test('draws curves of the last hours with at most 240 points', () => {
    const { history, clock } = open(join(makeTempFolder(), 'history.db'))
    for (let minute = 0; minute < 30; minute++) {
      history.record(makeRecord({ tokensGenerated: 40, latencyMs: 100 }))
      history.record(makeRecord({ tokensGenerated: 0, latencyMs: 300, status: 'failed' }))
      clock.advance(60_000)
    }
    const throughput = history.timeseries('throughput', '1h')
    expect(throughput.unit).toBe('tokens/s')
    expect(throughput.points.length).toBeLessThanOrEqual(240)
    expect(throughput.points.filter(point => point.value > 0).map(point => point.value)).toEqual(
      Array(30).fill(2),
    )
    expect(history.timeseries('rps', '6h').points.at(-2)?.value).toBeCloseTo(4 / 120)
    expect(new Set(history.timeseries('latency', '24h').points.map(point => point.value))).toEqual(
      new Set([200]),
    )
    expect(new Set(history.timeseries('error_rate', '1h').points.map(point => point.value))).toEqual(
      new Set([50]),
    )
    expect(history.overview()).toMatchObject({ requests: 60, tokensPerSecond: 4 })
    history.record(makeRecord({ tokensGenerated: 0 }))
    clock.advance(60_000)
    expect(history.overview()).toMatchObject({ requests: 61, tokensPerSecond: 4 })
    history.close()
  })

  test('forgets what is older than it is told to keep', () => {
    const { history, clock } = open(join(makeTempFolder(), 'history.db'), new ManualClock(), 2)
    history.record(makeRecord({ startedAtMs: clock.now() }))
    clock.advance(60_000)
    expect(ids(history)).toHaveLength(1)
    clock.advance(2 * 3_600_000 + 600_000)
    expect(ids(history)).toEqual([])
    expect(history.overview().requests).toBe(0)
    history.close()
  })

  test('counts every request of a rush, but lists only as many as it can write in a millisecond', () => {
    const { history } = open(join(makeTempFolder(), 'history.db'))
    for (let i = 0; i < 5000; i++) history.record(makeRecord())
    history.record(makeRecord({ status: 'failed', requestId: 'failed' }))
    expect(history.overview().requests).toBe(5001)
    expect(history.requests(anyRequest({ limit: 1000 }))).toHaveLength(251)
    expect(history.requests(anyRequest({ limit: 1, status: 'failed' }))[0]?.requestId).toBe('failed')
    history.close()
  })
})

describe('the history goes on', () => {
  test('in memory, when its folder cannot be written', () => {
    const folder = makeTempFolder()
    writeFileSync(join(folder, 'file'), '')
    const { history, warnings } = open(join(folder, 'file', 'history.db'))
    history.record(makeRecord())
    expect(ids(history)).toHaveLength(1)
    expect(warnings).toEqual(['the history cannot be kept on disk; it lasts until this peer stops'])
    history.close()
  })

  test('with a new file, when the old one is damaged', () => {
    const file = join(makeTempFolder(), 'history.db')
    writeFileSync(file, 'this has never been a database '.repeat(100))
    const { history, warnings } = open(file)
    history.record(makeRecord())
    expect(ids(history)).toHaveLength(1)
    expect(existsSync(`${file}.damaged`)).toBe(true)
    expect(warnings).toEqual(['the history file is damaged; it is moved aside and a new one made'])
    history.close()
  })

  test('with a new file, when the tables in it are not its own', () => {
    const file = join(makeTempFolder(), 'history.db')
    const other = new DatabaseSync(file)
    other.exec('CREATE TABLE requests (a); INSERT INTO requests VALUES (1)')
    other.close()
    const { history } = open(file)
    history.record(makeRecord())
    expect(ids(history)).toHaveLength(1)
    history.close()
  })

  test('after another program has locked its file for a while, without waiting for it', () => {
    const file = join(makeTempFolder(), 'history.db')
    const { history, clock, warnings } = open(file)
    const other = new DatabaseSync(file)
    onTestFinished(() => other.close())
    other.exec('BEGIN IMMEDIATE')
    history.record(makeRecord())
    clock.advance(30_000)
    expect(history.failures).toBeGreaterThan(1)
    expect(warnings).toEqual(['the history cannot be written; serving goes on'])
    other.exec('COMMIT')
    clock.advance(6000)
    expect(ids(history)).toHaveLength(1)
    history.close()
  })

  test.skipIf(noSmallDisk)(
    `after its disk has really been full${noSmallDisk ? ` (${noSmallDisk})` : ''}`,
    () => {
      const disk = makeSmallDisk()
      const hog = join(disk, 'hog')
      const folder = join(disk, 'data')
      mkdirSync(folder)
      const { history, clock, warnings } = open(join(folder, 'history.db'))
      expect(() => writeFileSync(hog, Buffer.alloc(2 * 2 ** 20))).toThrow(/ENOSPC/)
      for (let i = 0; i < 200; i++) history.record(makeRecord({ errorCode: 'x'.repeat(200) }))
      clock.advance(20_000)
      expect(history.failures).toBeGreaterThan(0)
      expect(warnings).toEqual(['the history cannot be written; serving goes on'])
      rmSync(hog)
      clock.advance(10_000)
      expect(ids(history)).toHaveLength(100)
      expect(history.overview().requests).toBe(200)
      history.close()
    },
  )
})
