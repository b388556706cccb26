import { once } from 'node:events'
import { expect, test } from 'vitest'
import { silentLog } from '../../main/telemetry/log.ts'
import { hello, post } from './support/ask.ts'
import { openDoor } from './support/open-door.ts'
import { askRaw, connectRaw, statusOf } from './support/raw-http.ts'

const path = '/v1/chat/completions'

test.each([
  ['malformed JSON', '{"model": '],
  ['nothing', ''],
  ['deep nesting without an end', '['.repeat(200_000)],
  ['deep nesting', '['.repeat(200_000) + ']'.repeat(200_000)],
  ['a list', '[]'],
  ['a bare word', '"hello"'],
  ['null', 'null'],
])('a body of %s is refused with 400', async (_, body) => {
  const { status, json } = await post(await openDoor(), path, body)
  expect({ status, json }).toMatchObject({ status: 400, json: { error: { type: 'invalid_request_error' } } })
})

test('a body that is not UTF-8 is refused with 400', async () => {
  const door = await openDoor()
  const body = Buffer.concat([Buffer.from('{"model":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')])
  const response = await fetch(door.url + path, { method: 'POST', body })
  expect(response.status).toBe(400)
  expect(await response.text()).toContain('UTF-8')
})

test('a body is read as JSON whatever its content type says', async () => {
  const { status } = await post(await openDoor(), path, hello, { 'content-type': 'text/plain' })
  expect(status).toBe(200)
})

test('a compressed body is refused in words', async () => {
  const { status, json } = await post(await openDoor(), path, hello, { 'content-encoding': 'gzip' })
  expect({ status, json }).toMatchObject({
    status: 415,
    json: { error: { code: 'unsupported_content_encoding', message: expect.stringContaining('gzip') } },
  })
})

test.each([
  { announced: 'content-length: 104857600', before: '', after: '' },
  { announced: 'transfer-encoding: chunked', before: '100000\r\n', after: '\r\n' },
])('a client that sends all of its 100 MB before it listens reads a 413: $announced', async framing => {
  const door = await openDoor()
  const memoryBefore = process.memoryUsage().rss
  const connection = connectRaw(door.port)
  const { socket } = connection
  socket.write(`POST ${path} HTTP/1.1\r\nhost: localhost\r\n${framing.announced}\r\n\r\n`)
  const piece = Buffer.from(framing.before + 'x'.repeat(1 << 20) + framing.after)
  for (let sent = 0; sent < 100; sent++) {
    if (!socket.write(piece)) await once(socket, 'drain')
  }
  if (framing.before !== '') socket.write('0\r\n\r\n')
  const answer = await connection.closed
  expect(statusOf(answer)).toBe(413)
  expect(answer).toContain('"code":"request_too_large"')
  expect(answer).toContain('connection: close')
  expect(process.memoryUsage().rss - memoryBefore).toBeLessThan(90 << 20)
})

test('a client that asks before it sends a large body is told no at once, and yes for a small one', async () => {
  const door = await openDoor({ limits: { bodyBytes: 1000 } })
  const expecting = { expect: '100-continue', 'content-length': '2000000' }
  const refused = connectRaw(door.port)
  refused.socket.write(`POST ${path} HTTP/1.1\r\nhost: localhost\r\n${head(expecting)}\r\n`)
  expect(statusOf(await refused.until('request_too_large'))).toBe(413)
  refused.socket.destroy()

  const body = JSON.stringify(hello)
  const taken = connectRaw(door.port)
  taken.socket.write(
    `POST ${path} HTTP/1.1\r\nhost: localhost\r\n${head({ ...expecting, 'content-length': `${body.length}` })}\r\n`,
  )
  await taken.until('HTTP/1.1 100 Continue')
  taken.socket.write(body)
  expect(await taken.until('Hello!')).toContain('HTTP/1.1 200 OK')
  taken.socket.destroy()
})

test('a request that arrives only in part is answered 408 and its connection closed', async () => {
  const door = await openDoor({ limits: { headersTimeoutMs: 200, requestTimeoutMs: 400 } })
  const headersOnly = connectRaw(door.port)
  headersOnly.socket.write(`POST ${path} HTTP/1.1\r\nhost: localhost\r\n`)
  const halfABody = connectRaw(door.port)
  halfABody.socket.write(`POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{"model"`)
  for (const { closed } of [headersOnly, halfABody]) {
    const answer = await closed
    expect(statusOf(answer)).toBe(408)
    expect(answer).toContain('"code":"request_timeout"')
  }
  await expect.poll(() => door.records).toMatchObject([{ status: 'cancelled' }])
})

test('bytes that are not HTTP are answered 400', async () => {
  const door = await openDoor()
  const connection = connectRaw(door.port)
  connection.socket.write('hello there\r\n\r\n')
  expect(statusOf(await connection.closed)).toBe(400)
})

test('headers beyond all measure are answered 431', async () => {
  const door = await openDoor()
  const answer = await askRaw(door.port, 'GET', '/health', { 'x-long': 'x'.repeat(40_000) })
  expect(statusOf(answer)).toBe(431)
})

test('a failed request leaves its connection usable for the next one', async () => {
  const door = await openDoor()
  const connection = connectRaw(door.port)
  const send = (body: string) =>
    connection.socket.write(
      `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    )
  send('{}')
  await connection.until('missing_required_parameter')
  send(JSON.stringify(hello))
  expect(await connection.until('Hello!')).toContain('HTTP/1.1 200 OK')
  connection.socket.destroy()
})

function head(headers: Record<string, string>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
}

test.each([
  ['in the place of a value', '{"messages": [{"content": my secret plan}]}'],
  ['behind a value', '{"messages": [{"content": "Hi" my secret plan}]}'],
  [
    'as a role',
    JSON.stringify({ ...hello, messages: [{ role: 'my secret plan', content: 'my secret plan' }] }),
  ],
  ['as a parameter', JSON.stringify({ ...hello, 'my secret plan': true })],
])(
  'what a refused body says is neither logged nor, as far as it is not JSON, told again: %s',
  async (_, body) => {
    const lines: string[] = []
    const line = (message: string, fields?: object) => void lines.push(message + JSON.stringify(fields))
    const door = await openDoor({ log: { ...silentLog, debug: line, info: line, warn: line, error: line } })
    const { status, json } = await post(door, path, body)
    expect(status).toBe(400)
    if (!body.startsWith('{"model"')) expect(JSON.stringify(json)).not.toContain('secret')
    expect(lines.join('\n')).toContain('a request was refused')
    expect(lines.join('\n')).not.toContain('secret')
  },
)

test('a body that is not JSON is told where it goes wrong', async () => {
  const { json } = await post(await openDoor(), path, '{"model": "tiny",}')
  expect(json).toMatchObject({ error: { message: expect.stringContaining('line 1, column 18') } })
})

test('a body is taken up to 24 MiB, of a chat and of a list of prompts', async () => {
  const door = await openDoor()
  const bodyOf = (bytes: number) => JSON.stringify({ ...hello, user: 'x'.repeat(bytes) })
  expect(await post(door, path, bodyOf((24 << 20) - 1000))).toMatchObject({ status: 200 })
  expect(await post(door, path, bodyOf(24 << 20))).toMatchObject({ status: 413 })
  const prompts = (count: number) => ({ model: 'org/tiny', prompt: Array(count).fill('x'.repeat(1 << 20)) })
  expect(await post(door, '/v1/completions', prompts(23))).toMatchObject({ status: 200 })
  expect(await post(door, '/v1/completions', prompts(24))).toMatchObject({ status: 413 })
})

test('large bodies beyond what all of them together may have are told to come back, small ones are not', async () => {
  const door = await openDoor({ limits: { smallBodyBytes: 1000, largeBodiesBytes: 50_000 } })
  const { promise: loading, resolve: goOn } = Promise.withResolvers<void>()
  door.mesh.script.loading = loading
  const large = { ...hello, user: 'x'.repeat(30_000) }
  const first = post(door, path, large)
  await expect.poll(() => door.mesh.asked.length).toBe(1)
  const refused = await post(door, path, large)
  expect(refused).toMatchObject({ status: 429, json: { error: { code: 'overloaded' } } })
  expect(refused.headers.get('retry-after')).toBe('1')
  const small = post(door, path, hello)
  await expect.poll(() => door.mesh.asked.length).toBe(2)
  goOn()
  expect((await Promise.all([first, small])).map(({ status }) => status)).toEqual([200, 200])
  expect(await post(door, path, large)).toMatchObject({ status: 200 })
})

test('a text is not too large because its client writes each letter of it as six characters', async () => {
  const content = 'ж'.repeat(180_000)
  const escaped = JSON.stringify({ ...hello, messages: [{ role: 'user', content }] }).replaceAll(
    'ж',
    '\\u0436',
  )
  const door = await openDoor()
  expect(await post(door, path, escaped)).toMatchObject({ status: 200 })
  expect(door.mesh.asked).toMatchObject([{ messages: [{ content }] }])
})
