// A dashboard at a peer as it is served: real nats-server, real log, real files.
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { overview, workerHistory, workerLog } from '../../main/protocol/dashboard.ts'
import { listen } from '../gateway/support/listen.ts'
import { type ServedPeer, startServe } from '../support/serve.ts'

let peer: ServedPeer

afterEach(() => peer?.close())

const portOf = () => Number(new URL(peer.url).port)
const get = async (path: string): Promise<unknown> =>
  (await fetch(`${peer.url}/api/dashboard/${path}`)).json()

test('a peer tells its dashboard of itself, of requests and of its log, and stops without waiting for it', async () => {
  peer = await startServe({ args: ['--engine', 'scripted:loadMs=300,tokensPerSecond=100'] })
  const dashboard = await listen(portOf())
  const { worker } = await dashboard.until('worker_update', event => event.worker.power !== null)
  expect(worker).toMatchObject({ status: 'online', linkMs: null })
  const response = await fetch(`${peer.url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({
      model: 'scripted',
      max_tokens: 20,
      messages: [{ role: 'user', content: 'Hello' }],
    }),
  })
  expect(response.status).toBe(200)
  // The model was not loaded: that is what it waited for.
  const { request } = await dashboard.until('request_completed')
  expect(request).toMatchObject({ status: 'completed', workerId: worker.workerId, tokensGenerated: 20 })
  expect(request.queuedMs).toBeGreaterThan(250)
  expect(request.queuedMs).toBeLessThanOrEqual(request.firstTokenMs ?? 0)
  expect(overview.parse(await get('overview')).latency.p95).toBeGreaterThan(300)
  const history = workerHistory.parse(await get(`workers/${worker.workerId}/history`))
  expect(history.points[0]?.memoryUsedGB).toBeGreaterThan(0)
  const { lines } = workerLog.parse(await get(`workers/${worker.workerId}/log`))
  expect(lines.map(({ message }) => message)).toContainEqual(expect.stringContaining('the peer has started'))

  const closed = once(dashboard.socket, 'close')
  const startedMs = performance.now()
  expect(await peer.end('SIGTERM')).toBe(0)
  expect(performance.now() - startedMs).toBeLessThan(5000)
  expect((await closed)[0]).toBe(1001)
})
