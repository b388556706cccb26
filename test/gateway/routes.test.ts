import { expect, test } from 'vitest'
import { z } from 'zod'
import { parts } from '../../main/config/parts.ts'
import { findFreePort } from '../../main/fabric/free-port.ts'
import type { Infer } from '../../main/gateway/infer.ts'
import { recordedChoice } from '../../main/protocol/choices.ts'
import { overview } from '../../main/protocol/dashboard.ts'
import { makeScore } from '../telemetry/records.ts'
import { chat, get, post } from './support/ask.ts'
import { openDoor } from './support/open-door.ts'
import { askRaw, statusOf } from './support/raw-http.ts'
import { scriptInfer } from './support/scripted-infer.ts'

const pageFolder = parts.page

test('an unknown path is 404 and a wrong method 405, both as OpenAI says it', async () => {
  const door = await openDoor()
  expect(await get(door, '/v1/nothing')).toMatchObject({
    status: 404,
    json: { error: { code: 'unknown_url' } },
  })
  expect(await get(door, '/v1/models/%E0%A4%A')).toMatchObject({ status: 400 })
  const wrong = await get(door, '/v1/chat/completions')
  expect(wrong).toMatchObject({ status: 405, json: { error: { type: 'invalid_request_error' } } })
  expect(wrong.headers.get('allow')).toBe('POST')
})

test('every answer carries the request id: the one that the client gave, if it is sane', async () => {
  const door = await openDoor()
  const idOf = async (given: Record<string, string>) =>
    (await chat(door, {}, given)).headers.get('x-request-id')
  expect(await idOf({ 'x-request-id': 'abc-1_2' })).toBe('abc-1_2')
  expect(await idOf({ 'x-request-id': 'a b' })).toMatch(/^req_[\w-]+$/)
  expect((await get(door, '/v1/nothing')).headers.get('x-request-id')).toMatch(/^req_/)
  await chat(door, { temperature: 9 })
  expect(door.records.at(-1)).toMatchObject({ modelId: 'org/tiny', status: 'failed', httpStatus: 400 })
  expect(door.records[0]).toMatchObject({ requestId: 'abc-1_2', workerId: 'mac1', modelId: 'org/tiny' })
})

test('health says how this Mac is, and 503 when nobody could answer', async () => {
  const door = await openDoor()
  expect(await get(door, '/health')).toMatchObject({
    status: 200,
    json: { status: 'healthy', workerId: 'mac1', uptime: expect.any(Number), metrics: { memoryUsedGB: 8 } },
  })
  const alone = await openDoor({ view: { workers: () => [], worker: () => null, onChange: () => () => {} } })
  expect(await get(alone, '/health')).toMatchObject({
    status: 503,
    json: { status: 'unhealthy', metrics: null },
  })
})

test('metrics are in the format of Prometheus and count what was answered', async () => {
  const door = await openDoor()
  await chat(door)
  const response = await fetch(`${door.url}/metrics`)
  expect(response.headers.get('content-type')).toContain('text/plain')
  const text = await response.text()
  expect(text).toContain('mlx_worker_total_requests{worker_id="mac1"} 2')
  expect(text).toContain('mlx_gateway_generated_tokens_total{model="org/tiny"} 3')
})

test('the cluster interface shows the mesh and its workers', async () => {
  const door = await openDoor()
  await chat(door)
  expect((await get(door, '/api/cluster/status')).json).toEqual({
    controller: { version: '1.2.3', uptime: expect.any(Number), mode: 'dual' },
    leader: { workerId: 'mac1', name: 'studio' },
    workers: { total: 1, online: 1, offline: 0 },
    models: { loaded: ['org/tiny'] },
    requests: { active: 0, total: 1, successRate: 1 },
  })
  const worker = { workerId: 'mac1', hostname: 'studio', status: 'online', metrics: { activeRequests: 0 } }
  expect((await get(door, '/api/cluster/workers')).json).toMatchObject([worker])
  const { json } = await get(door, '/api/cluster/workers/mac1')
  expect(json).toMatchObject({ ...worker, uptime: expect.any(Number), lastHeartbeat: expect.any(Number) })
  expect((await get(door, '/api/cluster/workers/nobody')).status).toBe(404)
})

test('models are loaded and unloaded on the worker that is named', async () => {
  const door = await openDoor()
  const path = '/api/cluster/workers/mac1'
  const loaded = await post(door, `${path}/load-model`, { modelId: 'other' })
  expect(loaded).toMatchObject({ status: 202, json: { status: 'loading', model: { modelId: 'other' } } })
  const unloaded = await post(door, `${path}/unload-model`, { modelId: 'org/tiny' })
  expect(unloaded).toMatchObject({ status: 202, json: { status: 'unloading' } })
  expect(door.orders).toEqual(['load mac1 other', 'unload mac1 org/tiny'])
  expect(await post(door, `${path}/load-model`, {})).toMatchObject({
    status: 400,
    json: { error: { param: 'modelId' } },
  })
  expect((await post(door, '/api/cluster/workers/nobody/load-model', { modelId: 'x' })).status).toBe(404)
})

test('a model is pinned, and removed from the disk of a Mac, by its id', async () => {
  const door = await openDoor()
  const path = '/api/cluster/workers/mac1'
  const pinned = await post(door, `${path}/pin-model`, { modelId: 'other', pinned: true })
  expect(pinned).toMatchObject({ status: 200, json: { status: 'pinned', model: { modelId: 'other' } } })
  expect(await post(door, `${path}/pin-model`, { modelId: 'other', pinned: false })).toMatchObject({
    json: { status: 'unpinned' },
  })
  expect(await post(door, `${path}/remove-model`, { modelId: 'other' })).toMatchObject({
    status: 200,
    json: { status: 'removed' },
  })
  expect(door.orders).toEqual(['pin mac1 other', 'unpin mac1 other', 'remove mac1 other'])
  expect(await post(door, `${path}/pin-model`, { modelId: 'other' })).toMatchObject({
    status: 400,
    json: { error: { param: 'pinned' } },
  })
})

test('a Mac is paused, and told to share again, by its id', async () => {
  const door = await openDoor()
  const path = '/api/cluster/workers/mac1/sharing'
  expect(await post(door, path, { state: 'paused', minutes: 60 })).toMatchObject({
    status: 200,
    json: { sharing: { state: 'paused' } },
  })
  expect(await post(door, path, { state: 'paused' })).toMatchObject({ status: 200 })
  expect(await post(door, path, { state: 'off' })).toMatchObject({ status: 200 })
  expect(await post(door, path, { state: 'on' })).toMatchObject({ json: { sharing: { state: 'on' } } })
  expect(door.orders).toEqual(['paused mac1 60', 'paused mac1', 'off mac1', 'on mac1'])
  expect((await get(door, '/api/cluster/workers/mac1')).json).toMatchObject({
    sharing: { state: 'on', reason: null, untilMs: null },
  })
  expect((await post(door, path.replace('mac1', 'nobody'), { state: 'on' })).status).toBe(404)
})

test.each([
  [{}, 'state'],
  [{ state: 'asleep' }, 'state'],
  [{ state: 'on', minutes: 5 }, 'minutes'],
  [{ state: 'paused', minutes: 0 }, 'minutes'],
  [{ state: 'paused', minutes: 1.5 }, 'minutes'],
  [{ state: 'paused', hours: 1 }, 'hours'],
])('an order about sharing that makes no sense is refused: %j', async (order, param) => {
  const door = await openDoor()
  expect(await post(door, '/api/cluster/workers/mac1/sharing', order)).toMatchObject({
    status: 400,
    json: { error: { param } },
  })
  expect(door.orders).toEqual([])
})

test('the dashboard interface shows figures, curves and the last requests', async () => {
  const door = await openDoor()
  await chat(door)
  expect(overview.parse((await get(door, '/api/dashboard/overview')).json)).toEqual({
    workers: { total: 1, online: 1, offline: 0 },
    throughput: { current: expect.any(Number), avg24h: 3 },
    requests: { active: 0, total24h: 1, errorRate24h: null },
    latency: { current: 7, avg24h: 4, p50: 3, p95: 8, p99: 9 },
  })
  expect((await get(door, '/api/dashboard/workers')).json).toMatchObject([{ workerId: 'mac1' }])
  const curve = await get(door, '/api/dashboard/metrics/timeseries?metric=latency&duration=6h')
  expect(curve.json).toMatchObject({ metric: 'latency', points: [{ value: 7 }] })
  expect((await get(door, '/api/dashboard/requests?limit=5&status=completed')).json).toMatchObject([
    { modelId: 'org/tiny', status: 'completed', tokensGenerated: 3, timestamp: expect.any(Number) },
  ])
})

test('one request is shown with the reasons for its Macs, and an unknown one is 404', async () => {
  const scores = Array.from({ length: 12 }, (_, i) => makeScore({ workerId: `mac${i}`, total: i }))
  const choice = { workerId: 'mac1', epoch: 1, fingerprint: 'tiny', strategy: 'round_robin', scores } as const
  const { infer } = scriptInfer({ choice })
  const door = await openDoor({ infer })
  const body = { model: 'org/tiny', prompt: ['a', 'b'], n: 10 }
  await post(door, '/v1/completions', body, { 'x-request-id': 'why-me' })
  const { status, json } = await get(door, '/api/dashboard/requests/why-me')
  expect(status).toBe(200)
  const { choices } = asRecord.parse(json)
  expect(choices).toHaveLength(4)
  expect(choices[0]).toMatchObject({ workerId: 'mac1', strategy: 'round_robin', atMs: expect.any(Number) })
  expect(choices[0]?.scores.map(({ total }) => total)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 1])
  expect(await get(door, '/api/dashboard/requests/nobody-asked')).toMatchObject({
    status: 404,
    json: { error: { code: 'request_not_found' } },
  })
})

test('where an answer was handed over is kept, however many answers a request has', async () => {
  const { infer: serve } = scriptInfer()
  const infer: Infer = async function* (sequence, signal) {
    let from: string | null = null
    for await (const event of serve(sequence, signal)) {
      yield event
      if (event.type !== 'accepted') continue
      from = event.choice.workerId
      yield { ...event, from }
    }
  }
  const door = await openDoor({ infer })
  const body = { model: 'org/tiny', prompt: ['a', 'b'], n: 10 }
  await post(door, '/v1/completions', body, { 'x-request-id': 'moved' })
  const { choices } = asRecord.parse((await get(door, '/api/dashboard/requests/moved')).json)
  expect(choices.map(({ from }) => from).sort()).toEqual([...Array(12).fill('mac1'), ...Array(4).fill(null)])
})

const asRecord = z.object({ choices: z.array(recordedChoice) })

test('models are listed with the names of the Macs that have them', async () => {
  const { json } = await get(await openDoor(), '/v1/models/org/tiny')
  expect(json).toMatchObject({
    mesh: { workers: [{ workerId: 'mac1', hostname: 'studio', state: 'ready' }] },
  })
})

test.each([
  'metrics/timeseries?metric=mood',
  'metrics/timeseries?duration=2h',
  'requests?limit=0',
  'requests?status=odd',
])('a question of the dashboard that makes no sense is refused: %s', async question =>
  expect((await get(await openDoor(), `/api/dashboard/${question}`)).status).toBe(400),
)

test('the dashboard comes with a policy that lets nothing else in, and nothing else can be read', async () => {
  const door = await openDoor({ pageFolder })
  const page = await (await fetch(`${door.url}/`)).text()
  const files = [...page.matchAll(/(?:src|href)="\.(\/assets\/[^"]+)"/g)].map(([, path = '']) => path)
  expect(files.length).toBeGreaterThan(1)
  for (const path of ['/', '/index.html', ...files]) {
    const response = await fetch(door.url + path)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  }
  expect(statusOf(await askRaw(door.port, 'GET', '/../package.json'))).toBe(404)
  expect(statusOf(await askRaw(door.port, 'HEAD', '/'))).toBe(200)
})

test('a port that is taken is an error with a code, not a crash', async () => {
  const door = await openDoor()
  await expect(openDoor({ port: door.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

test('the page and the metrics may have ports of their own, where nothing else is answered', async () => {
  const [dashboardPort, metricsPort] = [await findFreePort('127.0.0.1'), await findFreePort('127.0.0.1')]
  const door = await openDoor({ dashboardPort, metricsPort, pageFolder })
  const statusAt = async (port: number, path: string, method = 'GET') =>
    (await fetch(`http://127.0.0.1:${port}${path}`, { method })).status
  expect(await statusAt(dashboardPort, '/')).toBe(200)
  expect(await statusAt(dashboardPort, '/api/dashboard/overview')).toBe(200)
  expect(await statusAt(dashboardPort, '/v1/chat/completions', 'POST')).toBe(404)
  expect(await statusAt(metricsPort, '/metrics')).toBe(200)
  expect(await statusAt(metricsPort, '/api/cluster/status')).toBe(404)
  expect(await statusAt(door.port, '/')).toBe(404)
  expect(await statusAt(door.port, '/metrics')).toBe(404)
  expect(await statusAt(door.port, '/v1/models')).toBe(200)
})
