import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { findFreePort } from '../../main/fabric/free-port.ts'
import type { GatewayOptions } from '../../main/gateway/ports.ts'
import { realClock } from '../../main/protocol/clock.ts'
import { openHistory } from '../../main/telemetry/history.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { type MeshOptions, startMemoryMesh } from '../support/mesh-in-memory.ts'
import { chat, hello } from './support/ask.ts'
import { type Listener, listen, refusalOf } from './support/listen.ts'
import { openDoor } from './support/open-door.ts'
import { connectRaw } from './support/raw-http.ts'
import { scriptInfer } from './support/scripted-infer.ts'

const ask = { model: 'scripted' }

/** A door over Macs that really answer, on a bus in memory. */
async function openMesh(options: MeshOptions = {}, door: Partial<GatewayOptions> = {}) {
  const mesh = await startMemoryMesh(options)
  const history = openHistory({ file: ':memory:', ttlHours: 24, clock: realClock, log: silentLog })
  onTestFinished(() => history.close())
  return { mesh, door: await openDoor({ infer: mesh.infer, view: mesh.view, history, ...door }) }
}

test('a dashboard is first told how everything is, in the words of the contract', async () => {
  const { door } = await openMesh({ workers: 2 })
  const { events } = await listen(door.port)
  expect(events[0]).toMatchObject({
    type: 'snapshot',
    self: { workerId: 'mac1', name: 'studio', version: '1.2.3', mode: 'dual' },
    leaderId: 'mac1',
    workers: [{ workerId: 'worker1', status: 'online' }, { workerId: 'worker2' }],
    live: [],
    overview: { workers: { total: 2, online: 2 }, latency: { p95: null } },
  })
})

test('a request is told from its beginning to its end, in order', async () => {
  const { door } = await openMesh({ script: { tokensPerSecond: 20 } })
  const dashboard = await listen(door.port)
  await chat(door, { ...ask, stream: false, max_tokens: 12 }, { 'x-request-id': 'mine' })
  const ended = await dashboard.until('request_completed')
  expect(ended.request).toMatchObject({
    requestId: 'mine',
    modelId: 'scripted',
    workerId: 'worker1',
    status: 'completed',
    tokensGenerated: 12,
    queuedMs: expect.any(Number),
  })
  const { queuedMs, firstTokenMs, latencyMs } = ended.request
  expect(queuedMs).toBeLessThanOrEqual(firstTokenMs ?? 0)
  expect(firstTokenMs).toBeLessThan(latencyMs)
  const [first] = dashboard.events.filter(event => event.type === 'request_started')
  expect(first).toMatchObject({ request: { requestId: 'mine', phase: 'queued', workerId: null } })
  const progress = dashboard.events.flatMap(event =>
    event.type === 'request_progress' ? event.requests : [],
  )
  expect(progress.at(-1)).toMatchObject({ requestId: 'mine', phase: 'generating', workerId: 'worker1' })
  await dashboard.until('request_progress', ({ requests }) => requests.length === 0)
  const order = dashboard.types().filter(type => type.startsWith('request'))
  expect(order[0]).toBe('request_started')
  expect(order.indexOf('request_completed')).toBeGreaterThan(order.indexOf('request_progress'))
})

test('a dashboard that comes later finds the requests that are under way in its snapshot', async () => {
  const { door } = await openMesh({ script: { tokensPerSecond: 20 } })
  const leave = new AbortController()
  const response = await fetch(`${door.url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ ...hello, ...ask, stream: true }),
    signal: leave.signal,
  })
  await response.body?.getReader().read()
  const dashboard = await listen(door.port)
  expect(dashboard.events[0]).toMatchObject({ live: [{ modelId: 'scripted', workerId: 'worker1' }] })
  await dashboard.until('request_progress', ({ requests }) => (requests[0]?.tokensGenerated ?? 0) > 1)
  leave.abort()
  const { request } = await dashboard.until('request_completed')
  expect(request).toMatchObject({ status: 'cancelled', errorCode: 'CANCELLED' })
})

test('a request that another Mac takes over is shown to have moved', async () => {
  const { mesh, door } = await openMesh({ workers: 2, script: { tokensPerSecond: 20 } })
  const dashboard = await listen(door.port)
  const answered = chat(door, { ...ask, max_tokens: 30 })
  const { requests } = await dashboard.until(
    'request_progress',
    event => event.requests[0]?.phase === 'generating',
  )
  const before = requests[0]?.workerId
  mesh.workers.find(({ workerId }) => workerId === before)?.bus.interrupt()
  const moved = await dashboard.until('request_progress', event => event.requests[0]?.handovers === 1)
  expect(moved.requests[0]?.workerId).not.toBe(before)
  expect((await answered).status).toBe(200)
})

test('a Mac that falls silent turns offline, and comes back when it is heard again', async () => {
  const { mesh, door } = await openMesh({ workers: 2 })
  const dashboard = await listen(door.port)
  mesh.workers[1]?.bus.interrupt()
  const { worker } = await dashboard.until('worker_offline')
  expect(worker).toMatchObject({ workerId: 'worker2', status: 'offline', uptime: 0 })
  mesh.workers[1]?.bus.reconnect()
  expect((await dashboard.until('worker_online')).worker).toMatchObject({ workerId: 'worker2' })
  expect(dashboard.types()).toContain('worker_update')
})

test('a Mac that is known to be gone is offline at once, and one that is no member any more disappears', async () => {
  const { mesh, door } = await openMesh({ workers: 2 })
  const dashboard = await listen(door.port)
  mesh.view.lost('worker1')
  expect((await dashboard.until('worker_offline')).worker.workerId).toBe('worker1')
  mesh.view.retain(workerId => workerId === 'worker1')
  expect(await dashboard.until('worker_removed')).toMatchObject({ workerId: 'worker2' })
})

test('who leads, and the figures at the top, are told when they change', async () => {
  let leader: string | null = 'mac1'
  const { door } = await openMesh(
    {},
    {
      leader: () => (leader === null ? null : { workerId: leader, name: leader }),
      refreshIntervalMs: 500,
    },
  )
  const dashboard = await listen(door.port)
  leader = null
  expect(await dashboard.until('leader_changed')).toMatchObject({ leaderId: null })
  await chat(door, ask)
  const { overview } = await dashboard.until(
    'metrics_update',
    event => event.overview.requests.total24h === 1,
  )
  expect(overview.throughput.current).toBeGreaterThan(0)
  expect(overview.latency.p50).toBeGreaterThan(0)
  expect(overview.requests.errorRate24h).toBe(0)
})

test('how far another Mac is, is measured while a dashboard is open, and not otherwise', async () => {
  const asked: string[] = []
  const ping = async (workerId: string) => void asked.push(workerId)
  const { door } = await openMesh({ workers: 2 }, { ping })
  expect(asked).toEqual([])
  const dashboard = await listen(door.port)
  const { worker } = await dashboard.until('worker_update', event => event.worker.linkMs !== null)
  expect(worker.linkMs).toBeLessThan(1000)
  expect(asked).toEqual(['worker1', 'worker2'])
})

test('of very many requests only some are told one by one, and the figures count all', async () => {
  const door = await openDoor({ infer: scriptInfer().infer })
  const dashboard = await listen(door.port)
  await Promise.all(Array.from({ length: 200 }, () => chat(door)))
  expect(door.records).toHaveLength(200)
  await dashboard.until('metrics_update')
  const ended = dashboard.events.filter(({ type }) => type === 'request_completed')
  expect(ended.length).toBeGreaterThan(0)
  expect(ended.length).toBeLessThan(200)
})

test('pages of other sites may not listen', async () => {
  const { door } = await openMesh()
  const own = `http://127.0.0.1:${door.port}`
  expect(await refusalOf(door.port, { origin: 'http://evil.example' })).toBe(403)
  expect(await refusalOf(door.port, { host: 'evil.example' })).toBe(403)
  expect(await refusalOf(door.port, { origin: own }, '/ws/other')).toBe(404)
  await listen(door.port, { headers: { origin: own } })
})

test('a token that is offered as a protocol is taken among others', async () => {
  const { door } = await openMesh()
  const { socket } = await listen(door.port, { protocols: ['chat', 'mlx-mesh.secret'] })
  expect(socket.protocol).toBe('mlx-mesh.secret')
})

test('64 dashboards may listen, and the next one is told to come back', async () => {
  const { door } = await openMesh()
  const all = await Promise.all(Array.from({ length: 64 }, () => listen(door.port)))
  expect(await refusalOf(door.port)).toBe(429)
  const [first] = all
  if (!first) throw new Error('nobody listens')
  first.socket.close()
  await once(first.socket, 'close')
  await listen(door.port)
})

test('a dashboard that does not read is left behind, and gets a new picture once it does', async () => {
  let change = (_: string) => {}
  const { mesh } = await openMesh()
  const record = mesh.view.worker('worker1')
  if (!record?.heartbeat) throw new Error('no Mac has been heard')
  const [model] = record.heartbeat.models
  if (!model) throw new Error('the Mac has no model')
  // So large that what is not read fills up soon.
  const models = [{ ...model, reason: 'x'.repeat(1 << 20) }]
  const large = { ...record, heartbeat: { ...record.heartbeat, models } }
  const onChange: GatewayOptions['view']['onChange'] = run => {
    change = run
    return () => {}
  }
  const door = await openDoor({ view: { workers: () => [large], worker: () => large, onChange } })
  const [slow, quick] = [await listen(door.port), await listen(door.port)]
  slow.socket.pause()
  const heard = ({ events }: Listener) => events.filter(({ type }) => type === 'worker_update').length
  for (let told = 1; told <= 30; told++) {
    change('worker1')
    await expect.poll(() => heard(quick), { interval: 5 }).toBe(told)
  }
  slow.socket.resume()
  const snapshots = () => slow.events.filter(({ type }) => type === 'snapshot').length
  await expect.poll(snapshots, { timeout: 5000 }).toBeGreaterThanOrEqual(2)
  expect(heard(slow)).toBeLessThan(30)
  const before = heard(slow)
  const again = () => {
    change('worker1')
    return heard(slow)
  }
  await expect.poll(again, { timeout: 5000 }).toBeGreaterThan(before)
  expect(quick.types().filter(type => type === 'snapshot')).toHaveLength(1)
})

test('a Mac that stops says goodbye to dashboards and does not wait for them', async () => {
  const { door } = await openMesh()
  const dashboard = await listen(door.port)
  const deaf = await listen(door.port)
  deaf.socket.pause()
  const closed = once(dashboard.socket, 'close')
  const startedMs = performance.now()
  await door.gateway.close(60_000)
  expect(performance.now() - startedMs).toBeLessThan(5000)
  const [code, reason] = await closed
  expect([code, String(reason)]).toEqual([1001, 'This Mac is stopping.'])
})

test('the dashboard listens at its own port, too', async () => {
  const dashboardPort = await findFreePort('127.0.0.1')
  const { door } = await openMesh({}, { dashboardPort })
  await listen(dashboardPort)
  await listen(door.port)
})

test('an offer of HTTP/2 is passed over, and the request answered, and the next one on its connection', async () => {
  const { port } = await openDoor()
  const connection = connectRaw(port)
  const body = JSON.stringify(hello)
  const request = (...more: string[]) =>
    [
      'POST /v1/chat/completions HTTP/1.1',
      `host: 127.0.0.1:${port}`,
      `content-length: ${body.length}`,
      ...more,
      '',
      body.slice(0, 20),
    ].join('\r\n')
  const offer = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAoAAA']
  connection.socket.write(request('x-request-id: first', ...offer))
  // The rest of the body comes later, when the connection has been given back.
  setImmediate(() => connection.socket.write(body.slice(20)))
  expect(await connection.until('"total_tokens"')).toMatch(/^HTTP\/1.1 200 OK\r\n.*x-request-id: first/s)
  connection.socket.write(request('x-request-id: second', 'connection: close') + body.slice(20))
  expect(await connection.closed).toMatch(/x-request-id: second/)
})

test('what a dashboard says is not listened to, and too much of it ends its connection', async () => {
  const { door } = await openMesh()
  const { socket } = await listen(door.port)
  socket.send('hello')
  const closed = once(socket, 'close')
  socket.send('x'.repeat(5000))
  expect((await closed)[0]).toBe(1009)
})
