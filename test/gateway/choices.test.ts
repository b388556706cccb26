import { expect, test } from 'vitest'
import { MeshError } from '../../main/protocol/errors.ts'
import { chat, complete, hello, streamed } from './support/ask.ts'
import { openDoor } from './support/open-door.ts'

test('n choices are n sequences with seeds of their own, and the prompt is counted once', async () => {
  const door = await openDoor()
  const { json } = await chat(door, { n: 3, seed: 10 })
  expect(json).toMatchObject({
    choices: [{ index: 0 }, { index: 1 }, { index: 2 }],
    usage: {
      prompt_tokens: 5,
      completion_tokens: 9,
      total_tokens: 14,
      prompt_tokens_details: { cached_tokens: 2 },
    },
  })
  expect(door.mesh.asked.map(sequence => sequence.seed)).toEqual([10, 11, 12])
})

test('a list of prompts with n choices each comes back in order, each prompt counted', async () => {
  const door = await openDoor()
  const { json } = await complete(door, { prompt: ['a', 'b'], n: 2, echo: true, seed: 1 })
  expect(json).toMatchObject({
    choices: [
      { index: 0, text: 'aHello!' },
      { index: 1, text: 'aHello!' },
      { index: 2, text: 'bHello!' },
      { index: 3, text: 'bHello!' },
    ],
    usage: { prompt_tokens: 10, completion_tokens: 12 },
  })
  expect(door.mesh.asked.map(sequence => sequence.seed)).toEqual([1, 2, 1, 2])
})

test('choices of a stream are told apart by their index, and the stream ends once', async () => {
  const door = await openDoor()
  const body = { ...hello, n: 2, stream_options: { include_usage: true } }
  const events = await streamed(door, '/v1/chat/completions', body)
  const texts = ['', '']
  for (const event of events) {
    const { choices } = event === '[DONE]' ? { choices: [] } : (event as { choices: Chunk[] })
    for (const { index, delta } of choices) texts[index] += delta.content ?? ''
  }
  expect(texts).toEqual(['Hello!', 'Hello!'])
  expect(events.filter(event => event === '[DONE]')).toHaveLength(1)
  expect(events.at(-2)).toMatchObject({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 6 } })
})

interface Chunk {
  readonly index: number
  readonly delta: { readonly content?: string }
}

test('when one choice fails the others are called off and the client gets one error', async () => {
  const door = await openDoor()
  const { infer } = door.mesh
  const never = new Promise<void>(() => {})
  const broken = new MeshError('ENGINE_FAILED', 'The model broke down.')
  const failing = await openDoor({
    mesh: door.mesh,
    infer: (sequence, signal) => {
      const first = door.mesh.asked.length === 0
      door.mesh.script.failAfter = first ? null : { tokens: 1, error: broken }
      door.mesh.script.loading = first ? never : null
      return infer(sequence, signal)
    },
  })
  const { status, json } = await chat(failing, { n: 2 })
  expect({ status, json }).toMatchObject({ status: 500, json: { error: { code: 'engine_failed' } } })
  await expect.poll(() => door.mesh.cancelled).toBe(2)
})

test('a prompt said again with its log probabilities and zero new tokens is a complete answer', async () => {
  const door = await openDoor()
  const { json } = await complete(door, { prompt: 'Once', echo: true, logprobs: 2, max_tokens: 0 })
  expect(json).toMatchObject({
    choices: [
      { text: 'Once', finish_reason: 'length', logprobs: { tokens: ['Once'], token_logprobs: [null] } },
    ],
    usage: { completion_tokens: 0 },
  })
})
