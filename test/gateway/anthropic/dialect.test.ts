import { expect, test } from 'vitest'
import { openDoor } from '../support/open-door.ts'
import { askRaw, connectRaw, statusOf } from '../support/raw-http.ts'
import { asked, askMessage } from './ask.ts'

test('whoever refuses a message does it in the words of its interface', async () => {
  const door = await openDoor({ limits: { bodyBytes: 1000 } })
  const refusals: [number, string, Promise<string>][] = [
    [
      403,
      'permission_error',
      askRaw(door.port, 'POST', '/v1/messages', { origin: 'https://evil.example' }, '{}'),
    ],
    [405, 'invalid_request_error', askRaw(door.port, 'GET', '/v1/messages')],
    [404, 'not_found_error', askRaw(door.port, 'POST', '/v1/messages/batches', {}, '{}')],
    [413, 'request_too_large', askRaw(door.port, 'POST', '/v1/messages', {}, `{"x": "${'x'.repeat(2000)}"}`)],
    [400, 'invalid_request_error', askRaw(door.port, 'POST', '/v1/messages?beta=true', {}, '{')],
  ]
  for (const [status, type, answering] of refusals) {
    const answer = await answering
    expect(statusOf(answer)).toBe(status)
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toEqual({
      type: 'error',
      error: { type, message: expect.any(String) },
      request_id: expect.stringMatching(/^req_/),
    })
  }
})

test('a message is answered to the address and with the headers that the client sends', async () => {
  const door = await openDoor()
  const answer = await askRaw(
    door.port,
    'POST',
    '/v1/messages?beta=true',
    { 'x-api-key': 'k', 'anthropic-version': '2023-06-01', 'anthropic-beta': 'a,b' },
    JSON.stringify(asked),
  )
  expect(statusOf(answer)).toBe(200)
})

test('a stream whose model loads says that it lives', async () => {
  const { promise: loading, resolve: loaded } = Promise.withResolvers<void>()
  const door = await openDoor({ limits: { keepAliveMs: 1 } })
  door.mesh.script.loading = loading
  const { socket, until, closed } = connectRaw(door.port)
  const body = JSON.stringify({ ...asked, stream: true })
  socket.write(
    `POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1:${door.port}\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  )
  await until('event: ping\ndata: {"type":"ping"}\n\n')
  loaded()
  expect(await closed).toContain('event: message_stop')
})

test('models are listed in the words of whoever asks', async () => {
  const door = await openDoor()
  const list = async (headers: Record<string, string>) =>
    (await (await fetch(`${door.url}/v1/models`, { headers })).json()) as object
  expect(await list({})).toMatchObject({ object: 'list' })
  expect(await list({ 'anthropic-version': '2023-06-01' })).toMatchObject({
    has_more: false,
    first_id: 'org/tiny',
    last_id: 'other',
  })
  expect((await askMessage(door)).status).toBe(200)
})
