// Hostility below HTTP's surface: lengths that lie, requests in one another, bytes that are no requests.
import { expect, test } from 'vitest'
import { hello, post } from '../gateway/support/ask.ts'
import { openDoor } from '../gateway/support/open-door.ts'
import { connectRaw, statusOf } from '../gateway/support/raw-http.ts'
import { Random } from '../support/random.ts'

const path = '/v1/chat/completions'
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31)
const requests = 1000

test.each([
  ['two lengths that differ', 'content-length: 5\r\ncontent-length: 6\r\n'],
  ['a length and chunks', 'content-length: 5\r\ntransfer-encoding: chunked\r\n'],
  ['a negative length', 'content-length: -5\r\n'],
  ['a length that is no number', 'content-length: 5x\r\n'],
  ['a length beyond all numbers', 'content-length: 99999999999999999999999\r\n'],
  ['a chunk that has no size', 'transfer-encoding: chunked\r\n\r\nxyz\r\n'],
  ['a chunk of a size beyond all numbers', 'transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n'],
  ['an encoding that is not there', 'transfer-encoding: gzip\r\n'],
  ['a header without a name', ': value\r\n'],
  ['a header on two lines', 'x-long: a\r\n b\r\n\u0000: c\r\n'],
])('a request with %s is refused, and its connection closed', async (_, lines) => {
  const door = await openDoor()
  const connection = connectRaw(door.port)
  connection.socket.write(`POST ${path} HTTP/1.1\r\nhost: localhost\r\n${lines}\r\n{"a":1}`)
  expect(statusOf(await connection.closed)).toBe(400)
  expect(await post(door, path, hello)).toMatchObject({ status: 200 })
})

test('requests sent without waiting are answered one after the other, in their order', async () => {
  const door = await openDoor()
  const connection = connectRaw(door.port)
  const good = JSON.stringify(hello)
  const bodies = ['{}', good, '{', good, '[]', good]
  connection.socket.write(bodies.map(body => makeRequest(body)).join('') + makeRequest(good, 'close'))
  const answer = await connection.closed
  const statuses = [...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)
  expect(statuses).toEqual(['400', '200', '400', '200', '400', '200', '200'])
})

test('what follows a body that is longer than its length is no request, and closes the connection', async () => {
  const door = await openDoor()
  const connection = connectRaw(door.port)
  const body = JSON.stringify(hello)
  connection.socket.write(`${makeRequest(body)}and more of the body`)
  const answer = await connection.closed
  expect(answer.match(/HTTP\/1\.1 \d+/g)?.at(-1)).toBe('HTTP/1.1 400')
})

test('a thousand headers are too many, and they are no harm, as little as a hundred connections that say nothing', async () => {
  const door = await openDoor()
  const idle = Array.from({ length: 100 }, () => connectRaw(door.port))
  const many = Array.from({ length: 1000 }, (_, index) => `x-${index}: ${index}\r\n`).join('')
  const connection = connectRaw(door.port)
  connection.socket.write(`POST ${path} HTTP/1.1\r\nhost: localhost\r\n${many}content-length: 2\r\n\r\n{}`)
  expect(statusOf(await connection.until('\r\n\r\n'))).toBe(431)
  expect(await post(door, path, hello)).toMatchObject({ status: 200 })
  for (const { socket } of [...idle, connection]) socket.destroy()
})

test(`${requests} requests with bytes that are wrong do no harm`, async () => {
  const door = await openDoor({ limits: { headersTimeoutMs: 300, requestTimeoutMs: 300 } })
  const random = new Random(seed)
  const statuses = new Map<number, number>()
  for (let sent = 0; sent < requests; sent += 50) {
    const answers = Array.from({ length: 50 }, () => {
      const connection = connectRaw(door.port)
      connection.socket.end(damaged(makeRequest(JSON.stringify(hello), 'close'), random))
      return connection.closed
    })
    for (const answer of await Promise.all(answers)) {
      const status = statusOf(answer)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  }
  const unexpected = [...statuses.keys()].filter(status => !(status >= 200 && status < 500))
  expect(unexpected, `seed ${seed}`).toEqual([])
  expect(await post(door, path, hello)).toMatchObject({ status: 200 })
})

function makeRequest(body: string, connection = 'keep-alive'): string {
  const length = Buffer.byteLength(body)
  return `POST ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: ${connection}\r\ncontent-length: ${length}\r\n\r\n${body}`
}

function damaged(request: string, random: Random): Buffer {
  const bytes = [...Buffer.from(request)]
  for (let times = 1 + Math.floor(random.next() * 4); times > 0; times--) {
    const at = Math.floor(random.next() * bytes.length)
    const byte = Math.floor(random.next() * 256)
    const what = random.next()
    if (what < 0.5) bytes.splice(at, 1, byte)
    else if (what < 0.7) bytes.splice(at, 0, byte)
    else if (what < 0.9) bytes.splice(at, 1 + Math.floor(random.next() * 8))
    else bytes.splice(at, 0, ...bytes.slice(at, at + 20))
  }
  return Buffer.from(bytes)
}
