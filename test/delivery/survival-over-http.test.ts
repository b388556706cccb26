import { describe, expect, test } from 'vitest'
import { openDoor } from '../gateway/support/open-door.ts'
import { startMemoryMesh } from '../support/mesh-in-memory.ts'

const chat = { messages: [{ role: 'user', content: 'Hello' }], max_tokens: 40 }
const completion = { prompt: ['Hello', 'Good evening'], max_tokens: 40 }

/** What a client receives; with `dies`, the Mac that answers vanishes when so many messages of its answer have been sent. */
async function ask(path: string, body: object, dies: boolean) {
  const { infer, workers, gatewayBus } = await startMemoryMesh({
    workers: 3,
    script: { tokensPerSecond: 50 },
  })
  let messages = 0
  gatewayBus.subscribe('response.>', () => {
    if (++messages !== 5 || !dies) return
    void workers.find(({ serving }) => serving.activeRequests > 0)?.bus.close()
  })
  let sends = 0
  gatewayBus.subscribe('worker.*.inference', () => sends++)
  const door = await openDoor({ infer })
  const response = await fetch(door.url + path, {
    method: 'POST',
    body: JSON.stringify({ model: 'scripted', temperature: 0, ...body }),
  })
  return { text: await response.text(), sends }
}

/** What each choice says, in one piece, and what the whole cost. */
function toldByEvents(text: string) {
  const events = text.split('\n\n').filter(event => event.startsWith('data: {'))
  const chunks = events.map(event => JSON.parse(event.slice('data: '.length)) as Chunk)
  const choices = chunks.flatMap(chunk => chunk.choices)
  const told = [0, 1].map(index => {
    const own = choices.filter(choice => choice.index === index)
    return {
      text: own.map(({ delta, text }) => delta?.content ?? text ?? '').join(''),
      roles: own.filter(({ delta }) => delta?.role).length,
      logprobs: own.flatMap(({ logprobs }) => logprobs?.content ?? logprobs?.text_offset ?? []),
      ends: own.map(choice => choice.finish_reason).filter(Boolean),
    }
  })
  return { told, usage: chunks.at(-1)?.usage, hasEnd: text.endsWith('data: [DONE]\n\n') }
}

interface Chunk {
  readonly choices: readonly {
    readonly index: number
    readonly text?: string
    readonly delta?: { readonly role?: string; readonly content?: string }
    readonly logprobs: { readonly content?: unknown[]; readonly text_offset?: unknown[] } | null
    readonly finish_reason: string | null
  }[]
  readonly usage?: object
}

describe.each<{ what: string; path: string; body: object }>([
  { what: 'a chat with two choices', path: '/v1/chat/completions', body: { ...chat, n: 2 } },
  {
    what: 'a chat with log-probabilities',
    path: '/v1/chat/completions',
    body: { ...chat, logprobs: true, top_logprobs: 2 },
  },
  { what: 'a chat with a stop string', path: '/v1/chat/completions', body: { ...chat, stop: ['won gest'] } },
  { what: 'two completions', path: '/v1/completions', body: completion },
  {
    what: 'completions with log-probabilities',
    path: '/v1/completions',
    body: { ...completion, logprobs: 1 },
  },
])('of $what', ({ path, body }) => {
  test('a streaming client sees what it would have seen, although a Mac dies', async () => {
    const streaming = { ...body, stream: true, stream_options: { include_usage: true } }
    const [seen, whole] = await Promise.all([ask(path, streaming, true), ask(path, streaming, false)])
    expect(toldByEvents(seen.text)).toEqual(toldByEvents(whole.text))
    expect(seen.sends).toBe(whole.sends + 1)
  })

  test('a client that waits for the whole answer receives it, although a Mac dies', async () => {
    const [seen, whole] = await Promise.all([ask(path, body, true), ask(path, body, false)])
    const { choices, usage } = JSON.parse(whole.text)
    expect(JSON.parse(seen.text)).toMatchObject({ choices, usage })
    expect(seen.sends).toBe(whole.sends + 1)
  })
})
