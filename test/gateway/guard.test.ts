import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { createGuard } from '../../main/gateway/guard.ts'
import { openDoor } from './support/open-door.ts'
import { askRaw, statusOf } from './support/raw-http.ts'

const page = { cors: { enabled: true, origins: ['https://app.example'] } }

async function status(
  options: Parameters<typeof openDoor>[0],
  headers: Record<string, string>,
  method = 'GET',
) {
  const door = await openDoor(options)
  return statusOf(await askRaw(door.port, method, '/v1/models', headers))
}

test.each([
  '127.0.0.1',
  '127.0.0.1:9',
  'localhost',
  'LOCALHOST:80',
  'localhost.',
  '[::1]:8080',
  'x.localhost',
  '127.1.2.3',
])('a request for the host %s is answered', async host => expect(await status({}, { host })).toBe(200))

test.each([
  'evil.example',
  'evil.example:8080',
  '127.0.0.1.evil.example',
  'localhost.evil.example',
  '192.168.1.2',
  '[::2]',
  '',
])('a request for the host "%s", which a web page may have pointed here, is refused', async host =>
  expect(await status({}, { host })).toBe(403),
)

test('a host name that is allowed by configuration is answered', async () => {
  expect(await status({ allowedHosts: ['Studio.local'] }, { host: 'studio.local:8080' })).toBe(200)
})

test.each<Record<string, string>>([
  { origin: 'https://evil.example' },
  { origin: 'null' },
  { origin: 'http://localhost:3000' },
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' },
])('a web page of another origin is refused: %j', async headers => {
  expect(await status({}, headers)).toBe(403)
  const door = await openDoor()
  const answer = await askRaw(door.port, 'POST', '/v1/chat/completions', headers, '{}')
  expect(statusOf(answer)).toBe(403)
  expect(answer).not.toContain('access-control-allow-origin')
  expect(answer).toContain('"code":"origin_not_allowed"')
})

test('our own page, a followed link and programs without an origin are let in', async () => {
  expect(await status({}, { host: '127.0.0.1:1', origin: 'http://127.0.0.1:1' })).toBe(200)
  expect(await status({}, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' })).toBe(200)
  expect(await status({}, { 'sec-fetch-site': 'same-origin' })).toBe(200)
  expect(await status({}, {})).toBe(200)
})

test('a web page that is allowed by configuration may ask and read', async () => {
  const door = await openDoor(page)
  const headers = { origin: 'https://app.example', 'sec-fetch-site': 'cross-site' }
  const answer = await askRaw(door.port, 'GET', '/v1/models', headers)
  expect(statusOf(answer)).toBe(200)
  expect(answer).toContain('access-control-allow-origin: https://app.example')
  expect(await status(page, { origin: 'https://evil.example' })).toBe(403)
})

test('a preflight is answered for an allowed page and refused for others', async () => {
  const door = await openDoor(page)
  const asking = {
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization',
  }
  const path = '/v1/chat/completions'
  const allowed = await askRaw(door.port, 'OPTIONS', path, { ...asking, origin: 'https://app.example' })
  expect(statusOf(allowed)).toBe(204)
  expect(allowed).toContain('access-control-allow-headers: authorization')
  expect(allowed).toContain('access-control-allow-methods: GET, POST, PATCH, DELETE')
  const refused = await askRaw(door.port, 'OPTIONS', path, { ...asking, origin: 'https://evil.example' })
  expect(statusOf(refused)).toBe(403)
})

const appToken = 'a'.repeat(43)
const window = { origin: 'app://mlx-mesh', 'sec-fetch-site': 'cross-site' }

test("the page in the app's window is let in with this Mac's token, and with nothing else", async () => {
  expect(await status({ appToken }, { ...window, 'x-mlx-mesh-token': appToken })).toBe(200)
  expect(await status({ appToken }, { ...window, 'x-mlx-mesh-token': 'b'.repeat(43) })).toBe(403)
  expect(await status({ appToken }, window)).toBe(403)
  expect(await status({}, { ...window, 'x-mlx-mesh-token': appToken })).toBe(403)
  const everybody = { appToken, cors: { enabled: true, origins: ['*'] } }
  expect(await status(everybody, window)).toBe(403)
})

test('the token lets in no other page', async () => {
  const token = { 'x-mlx-mesh-token': appToken }
  expect(await status({ appToken }, { origin: 'https://evil.example', ...token })).toBe(403)
  expect(await status({ appToken }, { origin: 'app://mlx-mesh.evil', ...token })).toBe(403)
  expect(await status({ appToken }, { host: 'evil.example', ...window, ...token })).toBe(403)
})

test("a preflight of the app's page is answered without the token, and reads nothing", async () => {
  const door = await openDoor({ appToken })
  const asking = { ...window, 'access-control-request-headers': 'x-mlx-mesh-token' }
  const answer = await askRaw(door.port, 'OPTIONS', '/api/settings', asking)
  expect(statusOf(answer)).toBe(204)
  expect(answer).toContain('access-control-allow-origin: app://mlx-mesh')
  expect(answer).toContain('PATCH')
  expect(answer).not.toContain('DELETE')
  const rebound = await askRaw(door.port, 'OPTIONS', '/api/settings', { ...asking, host: 'evil.example' })
  expect(statusOf(rebound)).toBe(403)
})

test("a WebSocket of the app's page shows the token as its subprotocol", () => {
  const guard = createGuard({ bindAddress: '127.0.0.1', allowedHosts: [], cors: page.cors, appToken })
  const upgrade = (headers: Record<string, string>) => {
    const req = new IncomingMessage(new Socket())
    req.headers = { host: '127.0.0.1:1', ...headers }
    return guard.admitUpgrade(req)
  }
  const own = `mlx-mesh.${appToken}`
  expect(upgrade({ ...window, 'sec-websocket-protocol': `other, ${own}` })).toBe(own)
  expect(() => upgrade({ ...window, 'sec-websocket-protocol': 'mlx-mesh.wrong' })).toThrow('token')
  expect(() => upgrade(window)).toThrow('token')
  expect(upgrade({ origin: 'http://127.0.0.1:1' })).toBeNull()
  expect(upgrade({})).toBeNull()
  expect(() => upgrade({ origin: 'https://evil.example' })).toThrow('evil.example')
  expect(() => upgrade({ host: 'evil.example' })).toThrow('evil.example')
})

test('a page that the network points here by a name of this Mac is not taken for its owner', async () => {
  const rebound = { host: 'studio.local:8080', origin: 'http://studio.local:8080' }
  const options = {
    bindAddress: '0.0.0.0',
    ownHosts: ['localhost', 'Studio.local'],
    allowedHosts: ['mac.test'],
  }
  expect(await status(options, rebound)).toBe(401)
  expect(await status(options, { host: 'STUDIO.local.:8080' })).toBe(401)
  expect(await status(options, { host: 'localhost:8080', origin: 'http://localhost:8080' })).toBe(200)
  expect(await status(options, { host: 'mac.test' })).toBe(200)
})
