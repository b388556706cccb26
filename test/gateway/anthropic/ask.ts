import { type Answered, post } from '../support/ask.ts'
import type { Door } from '../support/open-door.ts'

export const asked = { model: 'org/tiny', max_tokens: 64, messages: [{ role: 'user', content: 'Hi' }] }

export function askMessage(door: Door, more: object = {}, headers = {}): Promise<Answered> {
  return post(door, '/v1/messages', { ...asked, ...more }, { 'anthropic-version': '2023-06-01', ...headers })
}

export interface MessageEvent {
  readonly type: string
  readonly index?: number
  readonly content_block?: { readonly type: string }
  readonly delta?: { readonly type: string }
}

/** The events of a stream, each of which is named for its type. */
export async function streamedMessage(door: Door, more: object = {}): Promise<MessageEvent[]> {
  const response = await fetch(`${door.url}/v1/messages`, {
    method: 'POST',
    body: JSON.stringify({ ...asked, ...more, stream: true }),
  })
  return eventsIn(await response.text())
}

function eventsIn(text: string): MessageEvent[] {
  return text
    .split('\n\n')
    .filter(Boolean)
    .map(event => {
      const [name = '', data = ''] = event.split('\n')
      const value = JSON.parse(data.slice('data: '.length))
      if (name !== `event: ${value.type}`) throw new Error(`an event is named ${name}, but is ${value.type}`)
      return value
    })
}
