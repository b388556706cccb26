import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openKeyRing } from '../../main/access/key-ring.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { bearer, openGuardedDoor } from './support/keys.ts'

const here = { from: '127.0.0.1' }
const made = z.looseObject({ key: z.string(), id: z.string(), name: z.string() })
const listed = z.object({ keys: z.array(z.looseObject({ name: z.string(), use: z.unknown() })) })
const chat = { model: 'org/tiny', messages: [{ role: 'user', content: 'Hi' }] }

test('a key is told once, and kept as a digest that nobody else can read', async () => {
  const door = await openGuardedDoor()
  const answer = await door.ask('POST', '/api/keys', {}, { ...here, body: { name: 'editor' } })
  expect(answer.status).toBe(201)
  const { key, ...known } = made.parse(answer.json)
  expect(key).toMatch(/^mlxm_[A-Za-z0-9_-]{43}$/)
  expect(known).toMatchObject({ name: 'editor', scopes: ['inference'], models: null, expiresAtMs: null })
  expect((await door.ask('GET', '/v1/models', bearer(key))).status).toBe(200)
  const list = await door.ask('GET', '/api/keys', {}, here)
  const file = join(door.folder, 'api-keys.json')
  for (const text of [list.text, readFileSync(file, 'utf8')]) expect(text).not.toContain(key.slice(0, 12))
  expect(list.text).not.toContain('digest')
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('a key that was made opens the door after a restart, and one that was revoked does not', async () => {
  const door = await openGuardedDoor()
  const kept = door.makeKey({ name: 'kept' })
  const gone = door.makeKey({ name: 'gone' })
  expect((await door.ask('DELETE', '/api/keys/gone', {}, here)).status).toBe(200)
  expect((await door.ask('DELETE', '/api/keys/gone', {}, here)).status).toBe(404)
  const next = await openGuardedDoor({}, {}, door.folder)
  expect((await next.ask('GET', '/v1/models', bearer(kept))).status).toBe(200)
  expect((await next.ask('GET', '/v1/models', bearer(gone))).status).toBe(401)
})

test('keys are made, shown and revoked in front of the Mac alone, by no page and with no key', async () => {
  const door = await openGuardedDoor({}, { cors: { enabled: true, origins: ['*'] } })
  const admin = bearer(door.makeKey({ scopes: ['admin', 'read', 'inference'] }))
  for (const [method, path] of [
    ['GET', '/api/keys'],
    ['POST', '/api/keys'],
    ['DELETE', '/api/keys/x'],
  ] as const) {
    expect((await door.ask(method, path, admin)).status).toBe(403)
    expect((await door.ask(method, path, { origin: 'https://evil.example' }, here)).status).toBe(403)
    expect((await door.ask(method, path, { origin: 'null' }, here)).status).toBe(403)
  }
})

test.each([
  [{}, 'name'],
  [{ name: '' }, 'name'],
  [{ name: 'x', scopes: ['root'] }, 'scopes'],
  [{ name: 'x', scopes: [] }, 'scopes'],
  [{ name: 'x', models: [] }, 'models'],
  [{ name: 'x', requestsPerMinute: 0 }, 'requestsPerMinute'],
  [{ name: 'x', expiresAtMs: 1 }, 'expiresAtMs'],
  [{ name: 'x', digest: 'mine' }, 'digest'],
])('an order for a key that makes no sense is a 400: %j', async (body, param) => {
  const door = await openGuardedDoor()
  const { status, json } = await door.ask('POST', '/api/keys', {}, { ...here, body })
  expect(status).toBe(400)
  expect(Object(json).error.param).toContain(param)
  expect(door.keys.list()).toEqual([])
})

test('two keys are never called the same', async () => {
  const door = await openGuardedDoor()
  const make = () => door.ask('POST', '/api/keys', {}, { ...here, body: { name: 'editor' } })
  expect((await make()).status).toBe(201)
  expect(await make()).toMatchObject({ status: 409, json: { error: { code: 'key_exists' } } })
})

test('what a key was used for is counted by day, kept, and forgotten with the key', async () => {
  const clock = new ManualClock(Date.parse('2026-03-01T23:30:00Z'))
  const door = await openGuardedDoor({ clock })
  const key = bearer(door.makeKey({ name: 'editor' }))
  await door.ask('POST', '/v1/chat/completions', key, { body: chat })
  await door.ask('GET', '/v1/models', key)
  clock.advance(3_600_000)
  await door.ask('GET', '/v1/models', key)
  const uses = async (from = door) => listed.parse((await from.ask('GET', '/api/keys', {}, here)).json).keys
  const expected = [
    {
      name: 'editor',
      use: {
        lastUsedAtMs: Date.parse('2026-03-02T00:00:00Z'),
        days: [
          { day: '2026-03-01', requests: 2, promptTokens: expect.any(Number), completionTokens: 3 },
          { day: '2026-03-02', requests: 1, promptTokens: 0, completionTokens: 0 },
        ],
      },
    },
  ]
  expect(await uses()).toMatchObject(expected)
  door.keys.close()
  expect(await uses(await openGuardedDoor({ clock }, {}, door.folder))).toMatchObject(expected)
  door.keys.revoke('editor')
  door.keys.close()
  expect(readFileSync(join(door.folder, 'use.json'), 'utf8')).toBe('{"keys":{}}\n')
})

test('what an answer came to after its key was revoked is kept for nobody', async () => {
  const door = await openGuardedDoor()
  door.makeKey({ name: 'gone' })
  const [known] = door.keys.list()
  door.keys.usage.requested(known?.id ?? '')
  door.keys.revoke('gone')
  door.keys.usage.generated(known?.id ?? '', 3, 4)
  door.keys.close()
  expect(readFileSync(join(door.folder, 'use.json'), 'utf8')).toBe('{"keys":{}}\n')
})

test('a name that would give a terminal orders is none', async () => {
  const door = await openGuardedDoor()
  const made = await door.ask('POST', '/api/keys', {}, { ...here, body: { name: 'a\u001b[2Jb' } })
  expect(made).toMatchObject({ status: 400, json: { error: { param: 'name' } } })
})

test('a file of keys that cannot be read is said, and not taken for an empty one', async () => {
  const { folder } = await openGuardedDoor()
  const file = join(folder, 'api-keys.json')
  writeFileSync(file, '{"keys": [')
  const open = () =>
    openKeyRing({ file, usageFile: join(folder, 'u'), clock: new ManualClock(), log: silentLog })
  expect(open).toThrow('cannot be read as API keys')
})

test('orders are written down: who gave which, about what, and how it ended; never a key', async () => {
  const door = await openGuardedDoor()
  const admin = door.makeKey({ name: 'robot', scopes: ['admin'] })
  const order = '/api/cluster/workers/mac1/load-model'
  await door.ask('POST', order, bearer(admin), { body: { modelId: 'org/tiny' } })
  await door.ask('POST', order, {}, { ...here, body: { model: 'org/tiny' } })
  const answer = await door.ask('POST', '/api/keys', {}, { ...here, body: { name: 'editor' } })
  await door.ask('GET', '/api/cluster/status', {}, here)
  const { json, text } = await door.ask('GET', '/api/audit?limit=3', bearer(admin))
  expect(json).toMatchObject({
    entries: [
      { action: 'POST /api/keys', about: 'editor', outcome: 'done', status: 201 },
      {
        who: { kind: 'owner', address: '127.0.0.1' },
        action: `POST ${order}`,
        outcome: 'refused',
        status: 400,
      },
      {
        who: { kind: 'key', name: 'robot', address: '192.168.7.20' },
        action: `POST ${order}`,
        about: 'org/tiny',
        outcome: 'done',
      },
    ],
  })
  const file = join(door.folder, 'audit.log')
  await expect.poll(() => readFileSync(file, 'utf8').split('\n').length).toBe(4)
  const { key } = made.parse(answer.json)
  for (const all of [text, readFileSync(file, 'utf8')])
    for (const secret of [key, admin]) expect(all).not.toContain(secret)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const next = await openGuardedDoor({}, {}, door.folder)
  expect((await next.ask('GET', '/api/audit', {}, here)).json).toMatchObject({ entries: { length: 3 } })
  const reading = bearer(next.makeKey({ scopes: ['read'] }))
  expect((await next.ask('GET', '/api/audit', reading)).status).toBe(403)
})

test('an order that a key has no right to give is written down, too', async () => {
  const door = await openGuardedDoor()
  await door.ask('POST', '/api/cluster/workers/mac1/load-model', bearer(door.makeKey({ name: 'editor' })), {
    body: { modelId: 'x' },
  })
  expect((await door.ask('GET', '/api/audit', {}, here)).json).toMatchObject({
    entries: [{ who: { name: 'editor' }, outcome: 'refused', status: 403 }],
  })
})
