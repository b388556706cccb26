import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { MeshError } from '../../main/protocol/errors.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { chat, complete, get, hello, streamed } from './support/ask.ts'
import { type Door, openDoor } from './support/open-door.ts'
import { connectRaw, statusOf } from './support/raw-http.ts'

function startStream(door: Door, more: object = {}) {
  const connection = connectRaw(door.port)
  const body = JSON.stringify({ ...hello, stream: true, ...more })
  connection.socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  )
  return connection
}

test('a client that waits for a model to load hears a sign of life every five seconds', async () => {
  const clock = new ManualClock()
  const door = await openDoor({ clock })
  const loading = Promise.withResolvers<void>()
  door.mesh.script.loading = loading.promise
  const connection = startStream(door)
  await expect.poll(() => door.mesh.asked.length).toBe(1)
  clock.advance(4000)
  expect(connection.text()).toBe('')
  clock.advance(1000)
  const head = await connection.until(': keep-alive\n\n')
  expect(statusOf(head)).toBe(200)
  expect(head).toContain('text/event-stream')
  clock.advance(5000)
  await expect.poll(() => connection.text().split(': keep-alive\n\n').length - 1).toBe(2)
  loading.resolve()
  expect(await connection.until('[DONE]')).toContain('"content":"Hel"')
})

test('a failure after the signs of life is an event, and the stream ends', async () => {
  const clock = new ManualClock()
  const door = await openDoor({ clock })
  const loading = Promise.withResolvers<void>()
  door.mesh.script.loading = loading.promise
  const connection = startStream(door)
  await expect.poll(() => door.mesh.asked.length).toBe(1)
  clock.advance(5000)
  await connection.until('keep-alive')
  loading.reject(new MeshError('MODEL_LOAD_FAILED', 'The file is broken.'))
  const text = await connection.until('\r\n0\r\n\r\n')
  expect(text).toContain('data: {"error":{"message":"The file is broken."')
  expect(text).not.toContain('[DONE]')
})

test('a client that leaves ends its sequence at once', async () => {
  const door = await openDoor()
  door.mesh.script.pace = () => new Promise(() => {})
  const connection = startStream(door)
  await connection.until('"content":"Hel"')
  connection.socket.destroy()
  await expect.poll(() => door.mesh.cancelled).toBe(1)
  await expect.poll(() => door.records).toMatchObject([{ status: 'cancelled', errorCode: 'CANCELLED' }])
  expect(door.records[0]?.promptTokens, 'it was read all the same').toBeGreaterThan(0)
})

test('a client that leaves before an answer has begun ends its sequence, too', async () => {
  const door = await openDoor()
  door.mesh.script.loading = new Promise(() => {})
  const connection = startStream(door, { stream: false })
  await expect.poll(() => door.mesh.asked.length).toBe(1)
  connection.socket.destroy()
  await expect.poll(() => door.mesh.cancelled).toBe(1)
})

test('tokens are not taken faster than a slow client reads them, and none is lost', async () => {
  const door = await openDoor()
  const count = 3000
  door.mesh.script.tokens = Array.from({ length: count }, (_, i) => `${i} ${'x'.repeat(8000)}`)
  const connection = startStream(door)
  connection.socket.pause()
  // Only the kernel's buffers fill up; when they are full nothing more is taken.
  let before = -1
  await expect
    .poll(
      () => {
        const still = door.mesh.taken > 0 && door.mesh.taken === before
        before = door.mesh.taken
        return still
      },
      { interval: 300, timeout: 20_000 },
    )
    .toBe(true)
  expect(door.mesh.taken).toBeLessThan(count)
  connection.socket.resume()
  const text = await connection.until('[DONE]')
  const numbers = [...text.matchAll(/"content":"(\d+) /g)].map(match => Number(match[1]))
  expect(numbers).toEqual(Array.from({ length: count }, (_, i) => i))
})

test('a client that never reads is given up after a minute', async () => {
  const clock = new ManualClock()
  const door = await openDoor({ clock })
  door.mesh.script.tokens = Array.from({ length: 3000 }, () => 'x'.repeat(8000))
  const connection = startStream(door)
  connection.socket.pause()
  await expect.poll(() => door.mesh.taken).toBeGreaterThan(0)
  await expect
    .poll(() => {
      clock.advance(20_000)
      return door.records
    })
    .toMatchObject([{ status: 'failed', errorCode: 'SLOW_CONSUMER' }])
  expect(door.mesh.cancelled).toBe(1)
})

test('200 streams at once all get every token', async () => {
  const door = await openDoor()
  door.mesh.script.tokens = Array.from({ length: 50 }, (_, i) => `${i},`)
  door.mesh.script.pace = () => new Promise(resolve => setImmediate(resolve))
  const wanted = door.mesh.script.tokens.join('')
  const answers = await Promise.all(
    Array.from({ length: 200 }, () =>
      streamed(door, '/v1/completions', { model: 'org/tiny', prompt: 'Count', max_tokens: 50 }),
    ),
  )
  for (const events of answers) {
    expect(events.pop()).toBe('[DONE]')
    const texts = events.map(event => (event as { choices: { text: string }[] }).choices[0]?.text)
    expect(texts.join('')).toBe(wanted)
  }
})

test('more requests than the gateway takes are answered 429 and told when to come again', async () => {
  const door = await openDoor({ limits: { concurrentRequests: 1 } })
  const loading = Promise.withResolvers<void>()
  door.mesh.script.loading = loading.promise
  const first = chat(door)
  await expect.poll(() => door.mesh.asked.length).toBe(1)
  const second = await chat(door)
  expect(second).toMatchObject({ status: 429, json: { error: { code: 'overloaded' } } })
  expect(second.headers.get('retry-after')).toBe('1')
  loading.resolve()
  expect((await first).status).toBe(200)
  expect((await chat(door)).status).toBe(200)
})

test('a stopping gateway lets answers end within its grace and gives up those that do not', async () => {
  const door = await openDoor()
  const slow = Promise.withResolvers<void>()
  door.mesh.script.pace = () => slow.promise
  const ending = startStream(door)
  await ending.until('"content":"Hel"')
  const late = connectRaw(door.port)
  late.socket.write('GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n')
  await late.until('"healthy"')
  const closed = door.gateway.close(10_000)
  await late.closed // idle: not waited for
  slow.resolve()
  expect(await ending.closed).toContain('[DONE]')
  await closed

  const other = await openDoor()
  other.mesh.script.pace = () => new Promise(() => {})
  const stuck = startStream(other)
  await stuck.until('"content":"Hel"')
  await other.gateway.close(0)
  expect(await stuck.closed).toContain('"code":"shutting_down"')
})

test('a stopping gateway does not wait for clients that stand still: one does not read, one has sent half a body', async () => {
  const door = await openDoor()
  door.mesh.script.tokens = Array.from({ length: 3000 }, () => 'x'.repeat(8000))
  const deaf = startStream(door)
  deaf.socket.pause()
  await expect.poll(() => door.mesh.taken).toBeGreaterThan(0)
  const dumb = connectRaw(door.port)
  dumb.socket.write(
    'POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{"model"',
  )
  const active = async () => (await get(door, '/api/cluster/status')).json
  await expect.poll(active).toMatchObject({ requests: { active: 2 } })
  await door.gateway.close(0)
  await dumb.closed
  expect(door.records).toHaveLength(2)
})

test.each([
  { kind: 'a whole answer', stream: false },
  { kind: 'the end of a stream', stream: true },
])('a client that does not read $kind is cut off, one that reads it slowly is not', async ({ stream }) => {
  const door = await openDoor({ limits: { stalledClientMs: 400 } })
  const long = 'x'.repeat(40 << 20) // more than the buffers of the kernel hold
  if (stream) door.mesh.script.failAfter = { tokens: 1, error: new MeshError('ENGINE_FAILED', long) }
  else door.mesh.script.tokens = [long]

  const slow = startStream(door, { stream })
  const beginMs = performance.now()
  let received = 0
  slow.socket.on('data', chunk => {
    received += chunk.length
    if (performance.now() - beginMs > 2000) return
    slow.socket.pause()
    setTimeout(() => slow.socket.resume(), 10)
  })
  await expect.poll(() => received, { timeout: 20_000 }).toBeGreaterThan(long.length)
  slow.socket.destroy()

  const accepted = nextAccepted()
  const deaf = startStream(door, { stream })
  deaf.socket.pause()
  await once(await accepted, 'close')
  deaf.socket.resume()
  expect((await deaf.closed).length).toBeLessThan(long.length)
})

/** The door's end of the next connection to it. */
function nextAccepted(): Promise<Socket> {
  return new Promise(resolve => {
    const hear = (message: unknown) => {
      unsubscribe('net.server.socket', hear)
      resolve(z.object({ socket: z.instanceof(Socket) }).parse(message).socket)
    }
    subscribe('net.server.socket', hear)
  })
}

test('an answer without a token has no time to its first one', async () => {
  const door = await openDoor()
  await complete(door, { prompt: 'Hi', max_tokens: 0 })
  expect(door.records).toMatchObject([{ status: 'completed', tokensGenerated: 0, firstTokenMs: null }])
})
