// Tokens of another login: what gets one past the door, and the classic ways to forge one.
import { createHmac, generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { exportJWK, type JWTPayload, SignJWT } from 'jose'
import { expect, onTestFinished, test } from 'vitest'
import { createJwtCheck, type JwtSettings } from '../../main/access/jwt.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { makeTempFolder } from '../support/temp-folder.ts'
import { bearer, openGuardedDoor } from './support/keys.ts'

const secret = 'a secret of at least 32 characters'
const none: JwtSettings = {
  secret: null,
  jwks_url: null,
  jwks_file: null,
  issuer: null,
  audience: null,
  scope_claim: 'scope',
  models_claim: null,
}
const chat = { model: 'org/tiny', messages: [{ role: 'user', content: 'Hi' }] }
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const otherRsa = generateKeyPairSync('rsa', { modulusLength: 2048 })

async function openWith(settings: Partial<JwtSettings>) {
  const clock = new ManualClock()
  const door = await openGuardedDoor({
    clock,
    verifyJwt: createJwtCheck({ ...none, ...settings }, clock, silentLog),
  })
  const nowSeconds = Math.floor(clock.now() / 1000)
  const ask = (token: string, path = '/v1/models', from?: string) =>
    door.ask('GET', path, bearer(token), from === undefined ? {} : { from })
  return { clock, door, nowSeconds, ask }
}

function hs256(payload: JWTPayload, key = secret): Promise<string> {
  return new SignJWT({ sub: 'ada', ...payload })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(key))
}

function rs256(payload: JWTPayload, key = rsa.privateKey, kid = 'one'): Promise<string> {
  return new SignJWT({ sub: 'ada', ...payload }).setProtectedHeader({ alg: 'RS256', kid }).sign(key)
}

async function keySet() {
  return { keys: [{ ...(await exportJWK(rsa.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }] }
}

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')

test('a signed token lets its bearer do what its scopes say, from elsewhere and from here', async () => {
  const { nowSeconds, ask, door } = await openWith({ secret })
  const token = await hs256({ sub: 'ada', scope: 'openid inference', exp: nowSeconds + 60 })
  expect((await ask(token)).status).toBe(200)
  expect((await ask(token)).headers).toMatchObject({ 'x-ratelimit-limit-requests': '100' })
  expect((await ask(token, '/api/cluster/status')).status).toBe(403)
  expect((await ask(token, '/api/settings', '127.0.0.1')).status).toBe(403)
  const admin = await hs256({ sub: 'ada', scope: ['admin'], exp: nowSeconds + 60 })
  await door.ask('POST', '/api/cluster/workers/mac1/load-model', bearer(admin), { body: { modelId: 'x' } })
  expect((await ask(admin, '/api/audit')).json).toMatchObject({
    entries: [{ who: { kind: 'jwt', name: 'ada' } }],
  })
  expect((await ask(await hs256({ exp: nowSeconds + 60 }))).status).toBe(403)
})

test('the models that a token names are all that its bearer may use', async () => {
  const { nowSeconds, door } = await openWith({ secret, models_claim: 'models' })
  const token = await hs256({ scope: 'inference', models: ['other'], exp: nowSeconds + 60 })
  const answer = await door.ask('POST', '/v1/chat/completions', bearer(token), { body: chat })
  expect(answer).toMatchObject({ status: 403, json: { error: { code: 'model_not_allowed' } } })
})

test('a token that has expired, never does, or is not for this Mac is refused with the reason', async () => {
  const { nowSeconds, ask } = await openWith({ secret, issuer: 'https://login.example', audience: 'mesh' })
  const good = { iss: 'https://login.example', aud: 'mesh', scope: 'inference', exp: nowSeconds + 60 }
  expect((await ask(await hs256(good))).status).toBe(200)
  const { exp: _, ...endless } = good
  for (const [payload, reason] of [
    [{ ...good, exp: nowSeconds - 6 }, 'has expired'],
    [endless, "'exp'"],
    [{ ...good, nbf: nowSeconds + 60 }, "'nbf'"],
    [{ ...good, iss: 'https://evil.example' }, "'iss'"],
    [{ ...good, aud: 'another' }, "'aud'"],
  ] as const) {
    const { status, json } = await ask(await hs256(payload))
    expect(status, reason).toBe(401)
    expect(json).toMatchObject({
      error: { code: 'invalid_api_key', message: expect.stringContaining(reason) },
    })
  }
})

test('a token without a signature, or with another one, is refused here and elsewhere', async () => {
  const { nowSeconds, ask } = await openWith({ secret })
  const payload = { scope: 'admin inference', exp: nowSeconds + 60 }
  const good = await hs256(payload)
  const [head = '', body = '', signature = ''] = good.split('.')
  for (const token of [
    `${encode({ alg: 'none' })}.${encode(payload)}.`,
    `${encode({ alg: 'None' })}.${encode(payload)}.${signature}`,
    `${encode({ alg: 'none' })}.${body}.${signature}`,
    `${head}.${encode({ ...payload, sub: 'root' })}.${signature}`,
    `${head}.${body}.${signature.slice(0, -2)}`,
    `${head}.${body}.`,
    await hs256(payload, 'another secret of 32 characters!'),
    await rs256(payload),
    `${encode({ alg: 'HS256', crit: ['x'] })}.${body}.${signature}`,
  ]) {
    expect((await ask(token)).status, token).toBe(401)
    expect((await ask(token, '/v1/models', '127.0.0.1')).status, token).toBe(401)
  }
})

test('a public key is never taken for a secret', async () => {
  const file = join(makeTempFolder(), 'keys.json')
  writeFileSync(file, JSON.stringify(await keySet()))
  const { nowSeconds, ask } = await openWith({ jwks_file: file })
  const payload = { scope: 'inference', exp: nowSeconds + 60 }
  expect((await ask(await rs256(payload))).status).toBe(200)
  expect((await ask(await rs256(payload, otherRsa.privateKey))).status).toBe(401)
  expect((await ask(await rs256(payload, rsa.privateKey, 'two'))).json).toMatchObject({
    error: { message: expect.stringContaining('a key that this Mac does not know') },
  })
  const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  for (const key of [pem, pem.trim(), JSON.stringify(await keySet())]) {
    const signed = `${encode({ alg: 'HS256', kid: 'one' })}.${encode(payload)}`
    const forged = `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`
    expect((await ask(forged)).status).toBe(401)
  }
  const inline = await new SignJWT(payload)
    .setProtectedHeader({ alg: 'RS256', jwk: await exportJWK(otherRsa.publicKey) })
    .sign(otherRsa.privateKey)
  expect((await ask(inline)).status).toBe(401)
})

test('published keys are fetched once; where they cannot be had, it is said', async () => {
  let asked = 0
  let isWell = false
  const server = createServer((_req, res) => {
    asked++
    if (isWell) void keySet().then(set => res.end(JSON.stringify(set)))
    else res.writeHead(500).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const { clock, nowSeconds, ask, door } = await openWith({ jwks_url: `http://127.0.0.1:${port}/keys` })
  expect(asked).toBe(0)
  const token = await rs256({ scope: 'inference', exp: nowSeconds + 60 })
  const { status, headers, json } = await ask(token)
  expect(status).toBe(503)
  expect(headers['retry-after']).toBe('5')
  expect(json).toMatchObject({ error: { code: 'token_keys_unavailable', type: 'server_error' } })
  expect((await ask(door.makeKey())).status).toBe(200)
  for (let i = 0; i < 5; i++) expect((await ask(token)).status).toBe(503)
  expect(asked).toBe(1)
  isWell = true
  clock.advance(2000)
  expect((await ask(token)).status).toBe(200)
  expect((await ask(token)).status).toBe(200)
  expect(asked).toBe(2)
})

test('where no tokens are configured, one is a made-up key like any other', async () => {
  const { nowSeconds, ask } = await openWith({})
  const token = await hs256({ scope: 'inference', exp: nowSeconds + 60 })
  expect((await ask(token)).status).toBe(401)
  expect((await ask(token, '/v1/models', '127.0.0.1')).status).toBe(200)
})

test('a token that names nobody, or nobody that could be written down, is refused', async () => {
  const { nowSeconds, ask } = await openWith({ secret })
  const exp = nowSeconds + 60
  const unnamed = new SignJWT({ scope: 'inference', exp }).setProtectedHeader({ alg: 'HS256' })
  expect((await ask(await unnamed.sign(new TextEncoder().encode(secret)))).status).toBe(401)
  for (const sub of ['', 'x'.repeat(257)])
    expect((await ask(await hs256({ scope: 'inference', exp, sub }))).status, sub).toBe(401)
  expect((await ask(await hs256({ scope: 'inference', exp, sub: 'x'.repeat(256) }))).status).toBe(200)
})

test('a file that holds no keys is said at the start, and nothing of it is told', () => {
  const file = join(makeTempFolder(), 'keys.json')
  for (const content of ['hunter2', '{"keys":[]}', '[]']) {
    writeFileSync(file, content)
    const open = () => createJwtCheck({ ...none, jwks_file: file }, new ManualClock(), silentLog)
    expect(open).toThrow('expected a JSON Web Key Set')
    expect(open).not.toThrow('hunter2')
  }
})

test('why keys cannot be had is told to the owner, not to who asks', async () => {
  const warnings: unknown[] = []
  const log = {
    ...silentLog,
    warn: (message: string, fields: unknown) => void warnings.push([message, fields]),
  }
  const clock = new ManualClock()
  const settings = { ...none, jwks_url: 'http://127.0.0.1:1/keys' }
  const door = await openGuardedDoor({ clock, verifyJwt: createJwtCheck(settings, clock, log) })
  const token = await rs256({ scope: 'inference', exp: Math.floor(clock.now() / 1000) + 60 })
  const { status, text } = await door.ask('GET', '/v1/models', bearer(token))
  expect(status).toBe(503)
  expect(text).not.toMatch(/fetch|ECONN|127\.0\.0\.1/)
  expect(warnings).toHaveLength(1)
})
