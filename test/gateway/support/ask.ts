import type { Door } from './open-door.ts'

export const hello = { model: 'org/tiny', messages: [{ role: 'user', content: 'Hi' }] }

export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly json: unknown
}

export async function post(door: Door, path: string, body: unknown, headers = {}): Promise<Answered> {
  const response = await fetch(door.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, headers: response.headers, json: await response.json() }
}

export function chat(door: Door, more: object = {}, headers = {}): Promise<Answered> {
  return post(door, '/v1/chat/completions', { ...hello, ...more }, headers)
}

export function complete(door: Door, more: object): Promise<Answered> {
  return post(door, '/v1/completions', { model: 'org/tiny', ...more })
}

export async function get(door: Door, path: string): Promise<Answered> {
  const response = await fetch(door.url + path)
  return { status: response.status, headers: response.headers, json: await response.json() }
}

/** The events of a stream, parsed; the last one is the string `[DONE]`. */
export async function streamed(door: Door, path: string, body: object): Promise<unknown[]> {
  const response = await fetch(door.url + path, {
    method: 'POST',
    body: JSON.stringify({ ...body, stream: true }),
  })
  const events = (await response.text()).split('\n\n').filter(event => event.startsWith('data: '))
  return events.map(event => (event === 'data: [DONE]' ? '[DONE]' : JSON.parse(event.slice('data: '.length))))
}
