// What dashboards ask for, held against the shapes that they were promised.
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { realClock } from '../../main/protocol/clock.ts'
import {
  dashboardRequest,
  dashboardRequestDetail,
  dashboardWorker,
  overview,
  timeseriesAnswer,
  workerHistory,
  workerLog,
} from '../../main/protocol/dashboard.ts'
import { MeshError } from '../../main/protocol/errors.ts'
import { openHistory } from '../../main/telemetry/history.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { makeRecord } from '../telemetry/records.ts'
import { chat, get } from './support/ask.ts'
import { openDoor } from './support/open-door.ts'

function openKept() {
  const history = openHistory({ file: ':memory:', ttlHours: 24, clock: realClock, log: silentLog })
  onTestFinished(() => history.close())
  return history
}

test.each([
  ['overview', overview],
  ['workers', z.array(dashboardWorker)],
  ['workers/mac1/history?duration=6h', workerHistory],
  ['workers/mac1/log?limit=10', workerLog],
  ['metrics/timeseries?metric=rps&duration=1h', timeseriesAnswer],
  ['requests?limit=5', z.array(dashboardRequest)],
  ['requests/mine', dashboardRequestDetail],
])('an answer has the shape that was promised: %s', async (path, schema) => {
  const door = await openDoor({ history: openKept() })
  await chat(door, {}, { 'x-request-id': 'mine' })
  const { status, json } = await get(door, `/api/dashboard/${path}`)
  expect(status).toBe(200)
  // Nothing is left out of the promise, and nothing more is said than it has.
  expect(schema.parse(json)).toEqual(json)
})

test('the list of requests is searched and read page by page', async () => {
  const history = openKept()
  const nowMs = Date.now()
  for (let i = 0; i < 10; i++) {
    const failed = { status: 'failed', errorCode: 'OVERLOADED', workerId: null } as const
    const more = i % 2 === 0 ? failed : {}
    history.record(makeRecord({ requestId: `r${i}`, startedAtMs: nowMs - i, ...more }))
  }
  const door = await openDoor({ history })
  const idsOf = async (query: string) => {
    const { json } = await get(door, `/api/dashboard/requests?${query}`)
    return z
      .array(dashboardRequest)
      .parse(json)
      .map(({ requestId }) => requestId)
  }
  expect(await idsOf('limit=2')).toEqual(['r0', 'r1'])
  expect(await idsOf(`limit=2&before=${nowMs - 1}`)).toEqual(['r2', 'r3'])
  expect(await idsOf(`limit=2&before=${nowMs}&after=r0`)).toEqual(['r1', 'r2'])
  expect(await idsOf('q=overl&limit=1')).toEqual(['r0'])
  expect(await idsOf('worker=mac1&model=tiny&limit=1')).toEqual(['r1'])
  expect(await idsOf('q=nothing')).toEqual([])
  expect((await get(door, '/api/dashboard/requests?before=yesterday')).status).toBe(400)
})

test('the log of a Mac that is offline, unknown, or does not answer is an error that says so', async () => {
  const offline = await openDoor()
  expect(await get(offline, '/api/dashboard/workers/nobody/log')).toMatchObject({ status: 404 })
  const readLog = async () => {
    throw new MeshError('NO_WORKER', 'The Mac does not show its log: it did not answer in time.')
  }
  const silent = await openDoor({ readLog })
  expect(await get(silent, '/api/dashboard/workers/mac1/log')).toMatchObject({
    status: 503,
    json: { error: { message: expect.stringContaining('in time') } },
  })
  expect(await get(silent, '/api/dashboard/workers/mac1/log?limit=5000')).toMatchObject({ status: 400 })
})
