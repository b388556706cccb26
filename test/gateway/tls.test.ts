// The door where other machines reach it: TLS for them, plain HTTP for this Mac's own programs, at one port.
import { X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { connect as connectPlain } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { openCertificateFiles, openIssuedCertificate } from '../../main/access/door-certificate.ts'
import type { GatewayOptions } from '../../main/gateway/ports.ts'
import { doorIssuer } from '../../main/membership/door-papers.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { makeTempFolder } from '../support/temp-folder.ts'
import { bearer, openGuardedDoor } from './support/keys.ts'
import { askRaw, statusOf } from './support/raw-http.ts'

const ownAddress = Object.values(networkInterfaces())
  .flatMap(addresses => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address

const secretOf = (letter: string) => letter.repeat(43)

async function openOpenDoor(options: Partial<GatewayOptions> = {}) {
  const folder = makeTempFolder()
  const clock = new ManualClock(Date.now())
  const mesh: { secret: string | null } = { secret: secretOf('m') }
  const names = { hosts: ['localhost', 'studio.local'], addresses: ['127.0.0.1', ownAddress ?? '::1'] }
  const issue = doorIssuer(join(folder, 'tls-secret'), () => mesh.secret, clock)
  const file = join(folder, 'ca.pem')
  const certificate = await openIssuedCertificate(issue, file, {
    clock,
    log: silentLog,
    names: () => structuredClone(names),
  })
  onTestFinished(() => certificate.close())
  const door = await openGuardedDoor(
    {},
    { bindAddress: '0.0.0.0', certificate, addressOf: req => req.socket.remoteAddress ?? '', ...options },
  )
  return { ...door, certificate, clock, mesh, names, authority: () => readFileSync(file, 'utf8') }
}

function handshake(port: number, options: ConnectionOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ...options }, () => resolve(socket))
    socket.once('error', reject)
    onTestFinished(() => void socket.destroy())
  })
}

function ask(
  port: number,
  ca: string,
  headers: Record<string, string> = {},
  host = '127.0.0.1',
  body?: string,
) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST'
    const path = body === undefined ? '/v1/models' : '/v1/chat/completions'
    const asking = request({ host, port, path, method, ca, headers, agent: false }, answer => {
      let text = ''
      answer.on('data', chunk => {
        text += chunk
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
    })
    asking.once('error', reject).end(body)
  })
}

test('one port speaks TLS and, with programs on this Mac, plain HTTP', async () => {
  const { port, authority } = await openOpenDoor()
  expect((await ask(port, authority())).status).toBe(200)
  expect(statusOf(await askRaw(port, 'GET', '/v1/models'))).toBe(200)
  const stream = await ask(
    port,
    authority(),
    {},
    '127.0.0.1',
    JSON.stringify({ model: 'org/tiny', stream: true, messages: [{ role: 'user', content: 'Hi' }] }),
  )
  expect(stream.text).toContain('data: [DONE]')
  const ca = await askRaw(port, 'GET', '/api/mesh/ca.pem')
  expect(ca).toContain(authority().trim())
})

test.skipIf(ownAddress === undefined)(
  'from another address plain HTTP is told to use https, and TLS wants a key',
  async () => {
    const door = await openOpenDoor()
    const plain = await new Promise<string>(resolve => {
      let text = ''
      const socket = connectPlain(door.port, ownAddress, () =>
        socket.write('GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n'),
      )
      socket.on('data', data => {
        text += data
      })
      socket.on('close', () => resolve(text))
    })
    expect(statusOf(plain)).toBe(400)
    expect(plain).toContain('"code":"https_required"')
    expect((await ask(door.port, door.authority(), {}, ownAddress)).status).toBe(401)
    expect((await ask(door.port, door.authority(), bearer(door.makeKey()), ownAddress)).status).toBe(200)
  },
)

test('versions of TLS before 1.2 are refused', async () => {
  const { port, authority } = await openOpenDoor()
  const legacy = { ca: authority(), ciphers: 'DEFAULT@SECLEVEL=0', minVersion: 'TLSv1' } as const
  await expect(handshake(port, { ...legacy, maxVersion: 'TLSv1.1' })).rejects.toThrow()
  expect((await handshake(port, { ...legacy, maxVersion: 'TLSv1.2' })).getProtocol()).toBe('TLSv1.2')
  expect((await handshake(port, { ca: authority() })).getProtocol()).toBe('TLSv1.3')
  await expect(handshake(port, {})).rejects.toThrow('unable to verify')
})

test('the certificate names this Mac, serves only, and ends within what Apple allows', async () => {
  const { certificate, authority } = await openOpenDoor()
  const shown = new X509Certificate(certificate.current().cert)
  expect(shown.verify(new X509Certificate(authority()).publicKey)).toBe(true)
  expect(shown.checkHost('studio.local')).toBe('studio.local')
  expect(shown.checkIP('127.0.0.1')).toBe('127.0.0.1')
  expect(shown.checkHost('evil.example')).toBeUndefined()
  expect(shown.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
  expect(Date.parse(shown.validTo) - Date.parse(shown.validFrom)).toBeLessThan(825 * 86_400_000)
})

test('another address, another secret of the mesh, or half a lifetime bring a new certificate without a restart', async () => {
  const door = await openOpenDoor()
  const shown = async (ca = door.authority()) => (await handshake(door.port, { ca })).getPeerCertificate()
  const first = await shown()
  door.names.addresses.push('10.9.8.7')
  door.clock.advance(30_000)
  await expect.poll(async () => (await shown()).subjectaltname).toContain('10.9.8.7')
  const before = door.authority()
  door.mesh.secret = secretOf('n')
  await door.certificate.look()
  expect(door.authority()).not.toBe(before)
  expect((await shown()).serialNumber).not.toBe(first.serialNumber)
  await expect(shown(before)).rejects.toThrow()
  const { cert } = door.certificate.current()
  door.clock.sleep(200 * 86_400_000)
  await expect.poll(() => door.certificate.current().cert).not.toBe(cert)
})

test('a Mac without a mesh vouches for itself, and the same after a restart', async () => {
  const file = join(makeTempFolder(), 'tls-secret')
  const clock = new ManualClock(Date.now())
  const names = { hosts: ['localhost'], addresses: [] }
  const one = await doorIssuer(file, () => null, clock)(names)
  const other = await doorIssuer(file, () => null, clock)(names)
  const authority = new X509Certificate(one.authority)
  expect(new X509Certificate(other.cert).verify(authority.publicKey)).toBe(true)
})

test("the owner's own certificate is read again when its files change, and stays when they are broken", async () => {
  const folder = makeTempFolder()
  const files = [join(folder, 'cert.pem'), join(folder, 'key.pem')] as const
  const clock = new ManualClock(Date.now())
  const issue = doorIssuer(join(folder, 'secret'), () => null, clock)
  const write = async (host: string) => {
    const { cert, key, authority } = await issue({ hosts: [host], addresses: ['127.0.0.1'] })
    writeFileSync(files[0], cert)
    writeFileSync(files[1], key)
    return authority
  }
  const ca = await write('one.example')
  const certificate = openCertificateFiles(...files, { clock, log: silentLog })
  const door = await openOpenDoor({ certificate })
  const named = async () => (await handshake(door.port, { ca })).getPeerCertificate().subjectaltname
  expect(await named()).toContain('one.example')
  writeFileSync(files[0], 'half a certifi')
  clock.advance(30_000)
  expect(await named()).toContain('one.example')
  await write('two.example')
  clock.advance(30_000)
  await expect.poll(named).toContain('two.example')
  expect(() => openCertificateFiles(files[1], files[0], { clock, log: silentLog })).toThrow(
    'cannot be used for TLS',
  )
})

test('the dashboard listens over TLS, with a key where it is elsewhere', async () => {
  const door = await openOpenDoor({ addressOf: () => '192.168.7.20' })
  const open = (protocols: string[], headers = {}) =>
    new Promise<string>(resolve => {
      const socket = new WebSocket(`wss://127.0.0.1:${door.port}/ws/dashboard`, protocols, {
        ca: door.authority(),
        headers,
      })
      onTestFinished(() => socket.terminate())
      socket.once('open', () => resolve('open'))
      socket.once('error', error => resolve(error.message))
    })
  const reading = door.makeKey({ scopes: ['read'] })
  expect(await open([])).toContain('401')
  expect(await open([], bearer(door.makeKey({ scopes: ['inference'] })))).toContain('403')
  expect(await open([], bearer(reading))).toBe('open')
  expect(await open([`mlx-mesh-key.${reading}`])).toBe('open')
})

test('a dashboard that looks on with a key ends with the key', async () => {
  const door = await openGuardedDoor({}, { addressOf: () => '192.168.7.20' })
  const key = door.makeKey({ name: 'wall', scopes: ['read'] })
  const socket = new WebSocket(`ws://127.0.0.1:${door.port}/ws/dashboard`, { headers: bearer(key) })
  await new Promise(resolve => socket.once('message', resolve))
  const ended = new Promise(resolve =>
    socket.once('close', (code, reason) => resolve([code, String(reason)])),
  )
  door.keys.revoke('wall')
  expect(await ended).toEqual([1008, 'The API key was revoked.'])
})

test('a dashboard that looks on with a key or a token ends when that does', async () => {
  const clock = new ManualClock(Date.now())
  const door = await openGuardedDoor({ clock }, { addressOf: () => '192.168.7.20' })
  const key = door.makeKey({ scopes: ['read'], expiresAtMs: clock.now() + 10_000 })
  const socket = new WebSocket(`ws://127.0.0.1:${door.port}/ws/dashboard`, { headers: bearer(key) })
  await new Promise(resolve => socket.once('message', resolve))
  const ended = new Promise(resolve =>
    socket.once('close', (code, reason) => resolve([code, String(reason)])),
  )
  clock.advance(10_000)
  expect(await ended).toEqual([1008, 'The API key or token has expired.'])
})

test.skipIf(!ownAddress)(
  'other machines that open connections without end leave this Mac its own',
  async () => {
    const door = await openOpenDoor({ limits: { foreignConnections: 2 } })
    const open = () => {
      const socket = connectPlain(door.port, ownAddress ?? '')
      socket.on('error', () => {})
      onTestFinished(() => void socket.destroy())
      return socket
    }
    const [first] = [open(), open()]
    await new Promise(resolve => first.once('connect', resolve))
    const third = open()
    await new Promise(resolve => third.once('close', resolve))
    expect(first.destroyed).toBe(false)
    expect(statusOf(await askRaw(door.port, 'GET', '/v1/models'))).toBe(200)
    first.destroy()
    await expect
      .poll(() =>
        ask(door.port, door.authority(), {}, ownAddress).then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(401)
  },
)

test('who connects and says nothing, or nonsense, is let go, and the door closes in time', async () => {
  const door = await openOpenDoor({ limits: { headersTimeoutMs: 300 } })
  const closed = (first: string | Buffer | null) =>
    new Promise<void>(resolve => {
      const socket = connectPlain(door.port, '127.0.0.1', () => void (first !== null && socket.write(first)))
      socket.on('error', () => {})
      socket.on('close', () => resolve())
      socket.resume()
    })
  await Promise.all([
    closed(null),
    closed(Buffer.from([0x16])),
    closed(Buffer.from([0x16, 3, 1, 0, 4, 9, 9, 9, 9])),
    closed('\0\0\0'),
    closed('GET'),
  ])
  const half = connectPlain(door.port, '127.0.0.1')
  half.on('error', () => {})
  await new Promise<void>(resolve => half.once('connect', () => resolve()))
  await door.gateway.close(0)
})
