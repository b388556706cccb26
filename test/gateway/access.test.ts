// Who may ask what: every kind of caller at the door, and what is tried to get past it.
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../support/manual-clock.ts'
import { bearer, elsewhere, openGuardedDoor } from './support/keys.ts'

const chat = { model: 'org/tiny', messages: [{ role: 'user', content: 'Hi' }] }
const routes = {
  inference: [
    ['POST', '/v1/chat/completions'],
    ['POST', '/v1/completions'],
    ['POST', '/v1/embeddings'],
    ['POST', '/v1/responses'],
    ['POST', '/v1/messages'],
    ['GET', '/v1/models'],
    ['GET', '/v1/models/org/tiny'],
    ['POST', '/api/chat'],
    ['POST', '/api/generate'],
    ['GET', '/api/tags'],
    ['POST', '/api/show'],
  ],
  read: [
    ['GET', '/metrics'],
    ['GET', '/api/catalog'],
    ['GET', '/api/cluster/status'],
    ['GET', '/api/cluster/workers'],
    ['GET', '/api/cluster/workers/mac1'],
    ['GET', '/api/dashboard/overview'],
    ['GET', '/api/dashboard/workers'],
    ['GET', '/api/dashboard/workers/mac1/history'],
    ['GET', '/api/dashboard/metrics/timeseries'],
    ['GET', '/api/dashboard/requests'],
    ['GET', '/api/dashboard/requests/x'],
  ],
  admin: [
    ['POST', '/api/cluster/workers/mac1/load-model'],
    ['POST', '/api/cluster/workers/mac1/unload-model'],
    ['POST', '/api/cluster/workers/mac1/pin-model'],
    ['POST', '/api/cluster/workers/mac1/remove-model'],
    ['POST', '/api/cluster/workers/mac1/sharing'],
    ['GET', '/api/dashboard/workers/mac1/log'],
    ['GET', '/api/settings'],
    ['PATCH', '/api/settings'],
    ['POST', '/api/restart'],
    ['GET', '/api/mesh'],
    ['POST', '/api/mesh/invite'],
    ['POST', '/api/mesh/leave'],
    ['GET', '/api/doctor'],
    ['GET', '/api/diagnostics'],
    ['GET', '/api/keys'],
    ['POST', '/api/keys'],
    ['DELETE', '/api/keys/x'],
    ['GET', '/api/audit'],
    ['POST', '/api/pull'],
    ['DELETE', '/metrics'],
    ['GET', '/something/else'],
    ['POST', '//v1/chat/completions'],
  ],
} as const

describe('from another machine', () => {
  const every = Object.values(routes).flat()

  test.each(every)('%s %s wants a key', async (method, path) => {
    const door = await openGuardedDoor()
    const { status, headers, json } = await door.ask(method, path, {}, { body: chat })
    expect(status).toBe(401)
    expect(headers['www-authenticate']).toBe('Bearer realm="MLX Mesh"')
    // Each interface has words of its own around the same message.
    expect(JSON.stringify(json)).toContain('mlx-mesh keys create')
    if (path.startsWith('/v1/chat'))
      expect(json).toMatchObject({ error: { code: 'invalid_api_key', type: 'authentication_error' } })
    expect(door.orders).toEqual([])
  })

  test.each([
    ['inference', ['inference']],
    ['read', ['read']],
    ['admin', ['admin', 'read']],
  ] as const)('a key for %s may do that and nothing else', async (scope, allowed) => {
    const door = await openGuardedDoor({ rateLimit: null })
    const key = door.makeKey({ scopes: [scope] })
    for (const [needed, list] of Object.entries(routes)) {
      for (const [method, path] of list) {
        const { status, json } = await door.ask(method, path, bearer(key), { body: chat })
        const isRefused = status === 403 && JSON.stringify(json).includes(`scope '${needed}'`)
        const mayAsk = allowed.some(name => name === needed)
        expect(isRefused, `${method} ${path}: ${status} ${JSON.stringify(json)}`).toBe(!mayAsk)
      }
    }
  })

  test('whether this Mac is there is told to everybody, and nothing more', async () => {
    const door = await openGuardedDoor()
    expect((await door.ask('GET', '/health')).json).toEqual({ status: 'healthy' })
    expect((await door.ask('GET', '/health', bearer('old'))).json).toEqual({ status: 'healthy' })
    const reading = bearer(door.makeKey({ scopes: ['read'] }))
    expect((await door.ask('GET', '/health', reading)).json).toMatchObject({ workerId: 'mac1' })
    expect((await door.ask('GET', '/api/mesh/ca.pem')).status).toBe(404)
    expect((await door.ask('GET', '/')).status).toBe(404)
  })

  test('a key is taken from each header that clients send it in', async () => {
    const door = await openGuardedDoor()
    const key = door.makeKey()
    for (const headers of [
      { authorization: `Bearer ${key}` },
      { authorization: `bearer   ${key} ` },
      { 'x-api-key': key },
      { 'api-key': key },
      { authorization: 'Basic eDp5', 'x-api-key': key },
    ])
      expect((await door.ask('POST', '/v1/chat/completions', headers, { body: chat })).status).toBe(200)
  })

  test('no key but a whole and right one opens the door', async () => {
    const door = await openGuardedDoor()
    const key = door.makeKey()
    const wrong = [
      key.slice(0, -1),
      `${key}A`,
      key.toLowerCase(),
      key.toUpperCase(),
      key.replace('mlxm_', ''),
      `mlxm_${'A'.repeat(43)}`,
      'mlxm_',
      'sk-no-key',
      "' OR 1=1 --",
      `${key},${key}`,
    ]
    for (const text of wrong) {
      const { status, json } = await door.ask('GET', '/v1/models', bearer(text))
      expect(status, text).toBe(401)
      expect(JSON.stringify(json)).not.toContain(key)
    }
    expect((await door.ask('GET', `/v1/models?key=${key}&api_key=${key}`)).status).toBe(401)
    expect((await door.ask('GET', '/v1/models', { cookie: `key=${key}` })).status).toBe(401)
  })

  test('what a header says of an address is not believed', async () => {
    const door = await openGuardedDoor()
    for (const name of ['x-forwarded-for', 'x-real-ip', 'forwarded', 'x-client-ip'])
      expect((await door.ask('GET', '/v1/models', { [name]: '127.0.0.1' })).status, name).toBe(401)
  })

  test('a key that is too long for any header is refused, and the next request is served', async () => {
    const door = await openGuardedDoor()
    expect((await door.ask('GET', '/v1/models', bearer('mlxm_'.repeat(20_000)))).status).toBe(431)
    expect((await door.ask('GET', '/v1/models', bearer(`mlxm_${'x'.repeat(8000)}`))).status).toBe(401)
    expect((await door.ask('GET', '/v1/models', bearer(door.makeKey()))).status).toBe(200)
  })

  test('an expired key, and one that is revoked, open nothing from that moment on', async () => {
    const clock = new ManualClock()
    const door = await openGuardedDoor({ clock })
    const expiring = bearer(door.makeKey({ name: 'guest', expiresAtMs: clock.now() + 1000 }))
    const revoked = bearer(door.makeKey({ name: 'old' }))
    expect((await door.ask('GET', '/v1/models', expiring)).status).toBe(200)
    clock.advance(1000)
    const { status, json } = await door.ask('GET', '/v1/models', expiring)
    expect(status).toBe(401)
    expect(json).toMatchObject({ error: { message: expect.stringContaining('"guest" has expired') } })
    const asking = Array.from({ length: 10 }, () => door.ask('GET', '/v1/models', revoked))
    door.keys.revoke('old')
    const statuses = new Set((await Promise.all(asking)).map(answer => answer.status))
    expect([...statuses].filter(status => status !== 200 && status !== 401)).toEqual([])
    expect((await door.ask('GET', '/v1/models', revoked)).status).toBe(401)
  })

  test('a key for one model sees and uses no other', async () => {
    const door = await openGuardedDoor()
    const key = bearer(door.makeKey({ models: ['org/tiny'] }))
    const { json } = await door.ask('GET', '/v1/models', key)
    expect(json).toMatchObject({ data: [{ id: 'org/tiny' }] })
    expect((await door.ask('GET', '/v1/models/other', key)).status).toBe(403)
    expect((await door.ask('POST', '/v1/chat/completions', key, { body: chat })).status).toBe(200)
    for (const model of ['other', 'ORG/tiny', 'org/tiny ', 'nothing']) {
      const answer = await door.ask('POST', '/v1/chat/completions', key, { body: { ...chat, model } })
      expect(answer.status, model).toBe(403)
      expect(answer.json).toMatchObject({ error: { code: 'model_not_allowed', param: 'model' } })
    }
  })

  test('failed attempts of one address are slowed down; right keys from there are not', async () => {
    const clock = new ManualClock()
    const door = await openGuardedDoor({ clock })
    const key = door.makeKey()
    const tryWrong = (from: string) =>
      door.ask('GET', '/v1/models', bearer(`mlxm_${'B'.repeat(43)}`), { from })
    for (let i = 0; i < 20; i++) expect((await tryWrong(elsewhere)).status).toBe(401)
    const { status, headers, json } = await tryWrong(elsewhere)
    expect(status).toBe(429)
    expect(headers['retry-after']).toBe('3')
    expect(json).toMatchObject({ error: { code: 'too_many_failures', type: 'rate_limit_error' } })
    expect((await tryWrong(`::ffff:${elsewhere}`)).status).toBe(429)
    expect((await tryWrong('192.168.7.21')).status).toBe(401)
    expect((await door.ask('GET', '/v1/models', bearer(key))).status).toBe(200)
    clock.advance(3000)
    expect((await tryWrong(elsewhere)).status).toBe(401)
    expect((await tryWrong(elsewhere)).status).toBe(429)
  })
})

describe('on this Mac', () => {
  const here = { from: '127.0.0.1' }

  test.each(['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1'])(
    'a program at %s needs no key, and any made-up one will do',
    async from => {
      const door = await openGuardedDoor()
      expect((await door.ask('POST', '/v1/chat/completions', {}, { from, body: chat })).status).toBe(200)
      for (const key of ['sk-no-key', 'ollama', 'x', 'eyJ.a.b', ''])
        expect((await door.ask('GET', '/v1/models', bearer(key), { from })).status, key).toBe(200)
      expect((await door.ask('GET', '/v1/models', {}, { from })).headers).not.toHaveProperty(
        'x-ratelimit-limit-requests',
      )
    },
  )

  test('a key that was revoked is no made-up one', async () => {
    const door = await openGuardedDoor()
    expect((await door.ask('GET', '/v1/models', bearer(`mlxm_${'C'.repeat(43)}`), here)).status).toBe(401)
    expect((await door.ask('GET', '/v1/models', bearer('MLXM_x'), here)).status).toBe(401)
  })

  test('a program that shows a key may do what the key may do', async () => {
    const door = await openGuardedDoor()
    const key = bearer(door.makeKey({ scopes: ['inference'] }))
    expect((await door.ask('GET', '/v1/models', key, here)).status).toBe(200)
    expect((await door.ask('GET', '/api/settings', key, here)).status).toBe(403)
    expect(
      (await door.ask('POST', '/api/keys', bearer(door.makeKey({ scopes: ['admin'] })), here)).json,
    ).toMatchObject({
      error: { code: 'only_on_this_mac' },
    })
  })

  test('what a proxy on this Mac passes on is not of this Mac', async () => {
    const door = await openGuardedDoor()
    for (const name of ['x-forwarded-for', 'X-Forwarded-Proto', 'x-real-ip', 'forwarded', 'via'])
      expect((await door.ask('GET', '/v1/models', { [name]: '10.0.0.9' }, here)).status, name).toBe(401)
    const key = bearer(door.makeKey())
    expect((await door.ask('GET', '/v1/models', { 'x-forwarded-for': 'a', ...key }, here)).status).toBe(200)
  })

  test('where the owner wants keys here, too, only his own programs do without', async () => {
    const appToken = 'a'.repeat(43)
    const door = await openGuardedDoor({ requireKey: true }, { appToken })
    expect((await door.ask('GET', '/v1/models', {}, here)).status).toBe(401)
    expect((await door.ask('GET', '/v1/models', bearer('sk-no-key'), here)).status).toBe(401)
    expect((await door.ask('GET', '/v1/models', bearer(door.makeKey()), here)).status).toBe(200)
    const token = { 'x-mlx-mesh-token': appToken }
    expect((await door.ask('GET', '/api/keys', token, here)).status).toBe(200)
    expect((await door.ask('GET', '/api/keys', token)).status).toBe(401)
    expect((await door.ask('GET', '/api/keys', { 'x-mlx-mesh-token': 'b'.repeat(43) }, here)).status).toBe(
      401,
    )
  })
})

describe('addresses', () => {
  test('that are not allowed are refused before anything else; this Mac never is', async () => {
    const door = await openGuardedDoor({ allowedAddresses: ['192.168.7.0/24', '10.1.2.3', 'fd00::/8'] })
    const key = bearer(door.makeKey())
    const from = async (address: string) =>
      (await door.ask('GET', '/v1/models', key, { from: address })).status
    for (const allowed of ['192.168.7.255', '10.1.2.3', '::ffff:192.168.7.1', 'fd12::1', '127.0.0.1', '::1'])
      expect(await from(allowed), allowed).toBe(200)
    for (const foreign of ['192.168.8.1', '10.1.2.4', '::ffff:10.1.2.4', 'fe80::1', '2001:db8::1', ''])
      expect(await from(foreign), foreign).toBe(403)
    const { json } = await door.ask('GET', '/health', {}, { from: '8.8.8.8' })
    expect(json).toMatchObject({ error: { code: 'address_not_allowed' } })
  })
})
