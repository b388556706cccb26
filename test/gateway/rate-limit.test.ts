import { expect, test } from 'vitest'
import { TokenBuckets } from '../../main/access/token-buckets.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { bearer, elsewhere, openGuardedDoor } from './support/keys.ts'

const here = { from: '127.0.0.1' }
const chat = { model: 'org/tiny', messages: [{ role: 'user', content: 'Hi' }] }

async function openLimited(requestsPerMinute: number | null, tokensPerMinute: number | null = null) {
  const clock = new ManualClock()
  const door = await openGuardedDoor({ clock, rateLimit: { requestsPerMinute: 100, tokensPerMinute: null } })
  const key = bearer(door.makeKey({ requestsPerMinute, tokensPerMinute }))
  return { clock, door, key, models: () => door.ask('GET', '/v1/models', key) }
}

test('a caller is told with each answer what is left, as OpenAI tells it', async () => {
  const { clock, models } = await openLimited(10)
  const { headers } = await models()
  expect(headers).toMatchObject({
    'x-ratelimit-limit-requests': '10',
    'x-ratelimit-remaining-requests': '9',
    'x-ratelimit-reset-requests': '6s',
  })
  expect(headers).not.toHaveProperty('x-ratelimit-limit-tokens')
  expect((await models()).headers).toMatchObject({ 'x-ratelimit-reset-requests': '12s' })
  clock.advance(11_600)
  expect((await models()).headers).toMatchObject({
    'x-ratelimit-remaining-requests': '8',
    'x-ratelimit-reset-requests': '7s',
  })
})

test('who has used up his requests waits for the next one, to the millisecond', async () => {
  const { clock, models } = await openLimited(3)
  for (let i = 0; i < 3; i++) expect((await models()).status).toBe(200)
  const { status, headers, json } = await models()
  expect(status).toBe(429)
  expect(headers).toMatchObject({ 'retry-after': '20', 'x-ratelimit-reset-requests': '1m0s' })
  expect(json).toMatchObject({
    error: {
      code: 'rate_limit_exceeded',
      type: 'rate_limit_error',
      message: expect.stringContaining('3 requests a minute'),
    },
  })
  clock.advance(19_999)
  expect((await models()).status).toBe(429)
  clock.advance(1)
  expect((await models()).status).toBe(200)
  expect((await models()).status).toBe(429)
  clock.advance(3_600_000)
  for (let i = 0; i < 3; i++) expect((await models()).status).toBe(200)
  expect((await models()).status).toBe(429)
})

test('tokens of prompts and answers are counted when an answer has ended, and paid back', async () => {
  const { clock, door, key } = await openLimited(null, 60)
  const first = await door.ask('POST', '/v1/chat/completions', key, { body: chat })
  expect(first.headers).toMatchObject({
    'x-ratelimit-limit-tokens': '60',
    'x-ratelimit-remaining-tokens': '60',
  })
  const { total_tokens: used } = Object(first.json).usage
  expect(used).toBeGreaterThan(0)
  const next = await door.ask('GET', '/v1/models', key)
  expect(next.headers['x-ratelimit-remaining-tokens']).toBe(String(60 - used))
  for (let left = 60 - used; left > 0; left -= used)
    expect((await door.ask('POST', '/v1/chat/completions', key, { body: chat })).status).toBe(200)
  const refused = await door.ask('POST', '/v1/chat/completions', key, { body: chat })
  expect(refused.status).toBe(429)
  expect(refused.json).toMatchObject({ error: { message: expect.stringContaining('60 tokens a minute') } })
  clock.advance(Number(refused.headers['retry-after']) * 1000)
  expect((await door.ask('POST', '/v1/chat/completions', key, { body: chat })).status).toBe(200)
})

test('other machines have what the configuration gives each of them, programs on this Mac have no limit', async () => {
  const clock = new ManualClock()
  const door = await openGuardedDoor({ clock, rateLimit: { requestsPerMinute: 2, tokensPerMinute: null } })
  const one = bearer(door.makeKey())
  const other = bearer(door.makeKey())
  for (const status of [200, 200, 429]) expect((await door.ask('GET', '/v1/models', one)).status).toBe(status)
  // By the key, wherever it is used.
  expect((await door.ask('GET', '/v1/models', one, { from: '192.168.7.99' })).status).toBe(429)
  expect((await door.ask('GET', '/v1/models', other)).status).toBe(200)
  for (let i = 0; i < 9; i++) {
    expect((await door.ask('GET', '/v1/models', {}, here)).status).toBe(200)
    expect((await door.ask('GET', '/v1/models', one, here)).status).toBe(200)
  }
  // Without a key by the address, and by the network of one customer in IPv6.
  for (const status of [401, 401, 429])
    expect((await door.ask('GET', '/v1/models', {}, { from: elsewhere })).status).toBe(status)
  expect((await door.ask('GET', '/v1/models', {}, { from: '192.168.7.21' })).status).toBe(401)
  for (const [from, status] of [
    ['2001:db8::1', 401],
    ['2001:db8:0:0:ffff::2', 401],
    ['2001:db8::3', 429],
    ['2001:db8:0:1::3', 401],
  ] as const)
    expect((await door.ask('GET', '/v1/models', {}, { from })).status, from).toBe(status)
})

test("a key's own limit holds on this Mac, too; a clock that is set back gives nothing away", async () => {
  const { clock, door, key } = await openLimited(2)
  for (const status of [200, 200, 429])
    expect((await door.ask('GET', '/v1/models', key, here)).status).toBe(status)
  clock.setBack(3_600_000)
  expect((await door.ask('GET', '/v1/models', key, here)).status).toBe(429)
})

test('where there are too many accounts, the one that was not used for longest is forgotten', () => {
  const clock = new ManualClock()
  const buckets = new TokenBuckets(clock, 2)
  for (const account of ['key', 'stranger', 'key', 'another']) buckets.takeOne(account, 10)
  expect(buckets.look('key', 10).remaining).toBe(8)
})

test('what is open to everybody is taken from no budget', async () => {
  const door = await openGuardedDoor({ rateLimit: { requestsPerMinute: 1, tokensPerMinute: null } })
  for (const path of ['/health', '/health']) expect((await door.ask('GET', path)).status).toBe(200)
  expect((await door.ask('GET', '/v1/models')).status).toBe(401)
  expect((await door.ask('GET', '/v1/models')).status).toBe(429)
})
