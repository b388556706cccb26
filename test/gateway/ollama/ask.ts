import type { Door } from '../support/open-door.ts'

export const hello = { model: 'org/tiny', messages: [{ role: 'user', content: 'Hi' }] }

/** The lines of a stream. */
export async function linesOf(door: Door, path: string, body: object): Promise<Line[]> {
  const response = await fetch(door.url + path, { method: 'POST', body: JSON.stringify(body) })
  if (response.headers.get('content-type') !== 'application/x-ndjson') throw new Error('this is no stream')
  const text = await response.text()
  return text
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line))
}

export interface Line {
  readonly created_at: string
  readonly message?: object
  readonly response?: string
  readonly done: boolean
}
