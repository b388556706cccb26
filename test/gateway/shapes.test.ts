// Answers satisfy the schemas that OpenAI publishes; those below say more: nothing else is in an answer.
import { expect, test } from 'vitest'
import { z } from 'zod'
import { MeshError } from '../../main/protocol/errors.ts'
import { chat, complete, get, hello, streamed } from './support/ask.ts'
import { openDoor } from './support/open-door.ts'
import { expectPublished } from './support/published.ts'

const count = z.number().int().nonnegative()
const usage = z.object({
  prompt_tokens: count,
  completion_tokens: count,
  total_tokens: count,
  prompt_tokens_details: z.object({ cached_tokens: count }),
})
const chatLogprob = z.object({ token: z.string(), logprob: z.number(), bytes: z.array(count).nullable() })
const chatLogprobs = z
  .object({ content: z.array(chatLogprob.extend({ top_logprobs: z.array(chatLogprob) })), refusal: z.null() })
  .nullable()
const finish = z.enum(['stop', 'length', 'tool_calls', 'content_filter', 'function_call'])
const common = {
  id: z.string(),
  created: z.number().int().max(1e11),
  model: z.string(),
  system_fingerprint: z.string(),
}
const chatCompletion = z.strictObject({
  ...common,
  object: z.literal('chat.completion'),
  choices: z.array(
    z.strictObject({
      index: count,
      message: z.strictObject({ role: z.literal('assistant'), content: z.string(), refusal: z.null() }),
      logprobs: chatLogprobs,
      finish_reason: finish,
    }),
  ),
  usage,
})
const chatChunk = z.strictObject({
  ...common,
  object: z.literal('chat.completion.chunk'),
  choices: z.array(
    z.strictObject({
      index: count,
      delta: z.strictObject({
        role: z.literal('assistant').optional(),
        content: z.string().optional(),
        refusal: z.null().optional(),
      }),
      logprobs: chatLogprobs,
      finish_reason: finish.nullable(),
    }),
  ),
  usage: usage.nullish(),
})
const completion = z.strictObject({
  ...common,
  object: z.literal('text_completion'),
  choices: z.array(
    z.strictObject({
      index: count,
      text: z.string(),
      logprobs: z
        .strictObject({
          tokens: z.array(z.string()),
          token_logprobs: z.array(z.number().nullable()),
          top_logprobs: z.array(z.record(z.string(), z.number()).nullable()),
          text_offset: z.array(count),
        })
        .nullable(),
      finish_reason: z.enum(['stop', 'length', 'content_filter']).nullable(),
    }),
  ),
  usage: usage.nullish(),
})
const failure = z.strictObject({
  error: z.strictObject({
    message: z.string().min(1),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string().nullable(),
  }),
})

test('chat answers, with and without log probabilities, are what OpenAI publishes', async () => {
  const door = await openDoor()
  const plain = await chat(door)
  expectPublished('CreateChatCompletionResponse', plain.json)
  chatCompletion.parse(plain.json)
  const { json } = await chat(door, { logprobs: true, top_logprobs: 2 })
  expectPublished('CreateChatCompletionResponse', json)
  const { logprobs } = chatCompletion.parse(json).choices[0] ?? {}
  expect(logprobs?.content.map(({ token, top_logprobs }) => [token, top_logprobs.length])).toEqual([
    ['Hel', 2],
    ['lo', 2],
    ['!', 2],
  ])
})

test.each([{}, { stream_options: { include_usage: true } }, { logprobs: true, top_logprobs: 1 }, { n: 2 }])(
  'every chunk of a chat stream is what OpenAI publishes: %j',
  async more => {
    const events = await streamed(await openDoor(), '/v1/chat/completions', { ...hello, ...more })
    expect(events.pop()).toBe('[DONE]')
    for (const event of events) expectPublished('CreateChatCompletionStreamResponse', event)
    const chunks = events.map(event => chatChunk.parse(event))
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1)
    expect(
      chunks
        .map(({ choices: [choice] }) => (choice?.index === 0 ? (choice.delta.content ?? '') : ''))
        .join(''),
    ).toBe('Hello!')
    const withUsage = chunks.filter(chunk => 'usage' in chunk).length
    expect(withUsage).toBe('stream_options' in more ? chunks.length : 0)
  },
)

test('legacy answers and their streams are what OpenAI publishes', async () => {
  const door = await openDoor()
  const asked = { model: 'org/tiny', prompt: 'Hi', logprobs: 1 }
  expectPublished('CreateCompletionResponse', (await complete(door, { ...asked, logprobs: null })).json)
  expectPublished('CreateCompletionResponse', (await complete(door, asked)).json)
  const chunks = (await streamed(door, '/v1/completions', asked)).slice(0, -1).map(e => completion.parse(e))
  // The schema is that of a whole answer: only at its end has a stream a reason to finish.
  for (const chunk of chunks) {
    const choices = chunk.choices.map(choice => ({
      ...choice,
      finish_reason: choice.finish_reason ?? 'stop',
    }))
    expectPublished('CreateCompletionResponse', { ...chunk, choices })
  }
  expect(chunks.map(({ choices: [choice] }) => choice?.finish_reason)).toEqual([null, null, null, 'stop'])
})

/** The first token of an echoed prompt has no probability, in OpenAI's answers as in ours; its schema forgets that. */
test('offsets of legacy answers count on from the echoed prompt, whole and streamed', async () => {
  const door = await openDoor()
  const asked = { model: 'org/tiny', prompt: 'Åse', echo: true, logprobs: 1 }
  const [whole] = completion.parse((await complete(door, asked)).json).choices
  expect(whole?.logprobs?.text_offset).toEqual([0, 3, 6, 8])
  expect(whole?.logprobs?.top_logprobs).toEqual([null, { Hel0: -0.25 }, { lo0: -0.25 }, { '!0': -0.25 }])
  const events = await streamed(door, '/v1/completions', asked)
  expect(events.pop()).toBe('[DONE]')
  const chunks = events.map(event => completion.parse(event).choices[0])
  expect(chunks.flatMap(choice => choice?.logprobs?.text_offset ?? [])).toEqual([0, 3, 6, 8])
  expect(chunks.map(choice => choice?.text).join('')).toBe('ÅseHello!')
})

test("every kind of failure is OpenAI's envelope with its own status", async () => {
  const door = await openDoor()
  const codes = [
    ['INVALID_REQUEST', 400],
    ['CONTEXT_LENGTH_EXCEEDED', 400],
    ['REQUEST_TOO_LARGE', 413],
    ['MODEL_NOT_FOUND', 404],
    ['MODEL_LOAD_FAILED', 500],
    ['INSUFFICIENT_MEMORY', 503],
    ['OVERLOADED', 429],
    ['NO_WORKER', 503],
    ['WORKER_LOST', 503],
    ['ENGINE_FAILED', 500],
    ['SHUTTING_DOWN', 503],
    ['INTERNAL', 500],
  ] as const
  for (const [code, expected] of codes) {
    door.mesh.script.refuse = new MeshError(code, 'words for the author only')
    for (const stream of [false, true]) {
      const { status, json, headers } = await chat(door, { stream })
      expectPublished('ErrorResponse', json)
      const { error } = failure.parse(json)
      expect([code, status]).toEqual([code, expected])
      expect(headers.get('content-type')).toBe('application/json')
      expect(headers.has('retry-after')).toBe(status === 429 || status === 503)
      expect(error.message.includes('author')).toBe(code !== 'INTERNAL')
    }
  }
})

test('models are what OpenAI publishes, with their place in the mesh beside it', async () => {
  const door = await openDoor()
  const { json } = await get(door, '/v1/models')
  expectPublished('ListModelsResponse', json)
  expect(json).toMatchObject({ object: 'list', data: [{ id: 'org/tiny' }, { id: 'other' }] })
  for (const path of ['org%2Ftiny', 'org/tiny']) {
    const { json: one } = await get(door, `/v1/models/${path}`)
    expectPublished('Model', one)
    expect(one).toMatchObject({ id: 'org/tiny', mesh: { workers: [{ workerId: 'mac1', state: 'ready' }] } })
  }
})
