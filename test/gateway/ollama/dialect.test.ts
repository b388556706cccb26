import { expect, test } from 'vitest'
import { openDoor } from '../support/open-door.ts'
import { askRaw, connectRaw, statusOf } from '../support/raw-http.ts'
import { hello } from './ask.ts'

test('whoever refuses a request to Ollama says why in its words', async () => {
  const door = await openDoor()
  const evil = { origin: 'https://evil.example' }
  const refusals: [number, Promise<string>][] = [
    [403, askRaw(door.port, 'POST', '/api/chat', evil, '{}')],
    [403, askRaw(door.port, 'GET', '/api/tags', evil)],
    [403, askRaw(door.port, 'GET', '/api/ps', { host: 'evil.example' })],
    [405, askRaw(door.port, 'GET', '/api/chat')],
    [400, askRaw(door.port, 'POST', '/api/generate', {}, '{')],
    [501, askRaw(door.port, 'POST', '/api/blobs/sha256:1', {}, 'x')],
  ]
  for (const [status, answering] of refusals) {
    const answer = await answering
    expect(statusOf(answer)).toBe(status)
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toEqual({ error: expect.any(String) })
  }
})

test('our own interface, whose paths begin alike, keeps its own words', async () => {
  const door = await openDoor()
  const answer = await askRaw(door.port, 'GET', '/api/cluster/workers/nobody')
  expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({
    error: { code: 'worker_not_found' },
  })
})

test('a stream whose model loads has its headers, and no line that says nothing', async () => {
  const { promise: loading, resolve: loaded } = Promise.withResolvers<void>()
  const door = await openDoor({ limits: { keepAliveMs: 1 } })
  door.mesh.script.loading = loading
  const { socket, until, closed } = connectRaw(door.port)
  const body = JSON.stringify(hello)
  socket.write(
    `POST /api/chat HTTP/1.1\r\nhost: 127.0.0.1:${door.port}\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  )
  expect(await until('\r\n\r\n')).toMatch(/\r\n\r\n$/)
  loaded()
  expect(await closed).toMatch(/\r\n\r\n[0-9a-f]+\r\n\{"model"/)
})
