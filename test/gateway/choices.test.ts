import { describe, expect, test } from 'vitest'
import type { Infer, InferEvent, Sequence } from '../../main/gateway/infer.ts'
import { MeshError } from '../../main/protocol/errors.ts'
import type { TokenLogprob } from '../../main/protocol/inference.ts'
import { chat, complete, hello, streamed } from './support/ask.ts'
import { openDoor } from './support/open-door.ts'
import { type ScriptedInfer, scriptInfer } from './support/scripted-infer.ts'

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
  const broken = new MeshError('ENGINE_FAILED', 'The model broke down.')
  const failing = scriptInfer({ failAfter: { tokens: 1, error: broken } })
  const stuck = scriptInfer({ pace: () => new Promise(() => {}) })
  const door = await openDoor({ infer: inTurn(stuck, failing) })
  const { status, json } = await chat(door, { n: 2 })
  expect({ status, json }).toMatchObject({ status: 500, json: { error: { code: 'engine_failed' } } })
  await expect.poll(() => stuck.cancelled).toBe(1)
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

test('a stream of several prompts is refused with a status when one of them is, though others have begun', async () => {
  const refusal = Promise.withResolvers<void>()
  const begun = scriptInfer({ pace: () => new Promise(() => {}) })
  const refused = scriptInfer({ loading: refusal.promise })
  const door = await openDoor({ infer: inTurn(begun, refused) })
  const answer = complete(door, { prompt: ['short', 'long'], stream: true })
  await expect.poll(() => refused.asked.length).toBe(1)
  setImmediate(() =>
    refusal.reject(new MeshError('CONTEXT_LENGTH_EXCEEDED', 'Too long.', { param: 'prompt' })),
  )
  expect(await answer).toMatchObject({ status: 400, json: { error: { param: 'prompt' } } })
  await expect.poll(() => begun.cancelled).toBe(1)
})

describe('best_of', () => {
  /** Meshes whose answers are of one token each, with these log probabilities. */
  const weighed = (...logprobs: readonly number[]): Infer => {
    let next = 0
    return sequence => {
      const logprob = logprobs[next++ % logprobs.length] ?? 0
      return weighedAnswer(sequence, logprob)
    }
  }

  async function* weighedAnswer({ echo, logprobs }: Sequence, logprob: number): AsyncGenerator<InferEvent> {
    const likely: TokenLogprob[] = [['Once', [], logprob > -1 ? -9 : -0.1, []]]
    yield { type: 'started', promptTokens: 5, cachedTokens: 0 }
    if (echo) yield { type: 'echo', token: 'Once', logprobs: likely }
    const said: TokenLogprob[] = [[` ${logprob}`, [], logprob, []]]
    yield {
      type: 'token',
      token: ` ${logprob}`,
      ids: [1],
      logprobs: logprobs === undefined ? undefined : said,
    }
    yield { type: 'done', finishReason: 'stop', totalTokens: 1, promptTokens: 5, cachedTokens: 0 }
  }

  test('answers are those that the model found likeliest, the best one first, and all are counted', async () => {
    const door = await openDoor({ infer: weighed(-2, -0.5, -3, -1) })
    const { json } = await complete(door, { prompt: ['a', 'b'], best_of: 4, n: 2 })
    expect(json).toMatchObject({
      choices: [
        { index: 0, text: ' -0.5', logprobs: null },
        { index: 1, text: ' -1', logprobs: null },
        { index: 2, text: ' -0.5', logprobs: null },
        { index: 3, text: ' -1', logprobs: null },
      ],
      usage: { prompt_tokens: 10, completion_tokens: 8 },
    })
  })

  test('takes no heed of a prompt that is said again, and tells log probabilities when asked', async () => {
    const door = await openDoor({ infer: weighed(-2, -0.5) })
    const { json } = await complete(door, { prompt: 'Once', best_of: 2, echo: true, logprobs: 0 })
    expect(json).toMatchObject({
      choices: [{ text: 'Once -0.5', logprobs: { token_logprobs: [-9, -0.5], text_offset: [0, 4] } }],
    })
  })

  test('equal to n is nothing special, also in a stream', async () => {
    const door = await openDoor()
    expect((await complete(door, { prompt: 'Hi', best_of: 2, n: 2, stream: false })).status).toBe(200)
    expect(door.mesh.asked.map(({ logprobs }) => logprobs)).toEqual([undefined, undefined])
    const events = await streamed(door, '/v1/completions', {
      model: 'org/tiny',
      prompt: 'Hi',
      best_of: 2,
      n: 2,
    })
    expect(events.at(-1)).toBe('[DONE]')
  })
})

test('prompts said again with their log probabilities can be streamed, several at once, and without new tokens', async () => {
  const door = await openDoor()
  const asked = { model: 'org/tiny', prompt: ['Åse', 'Bo'], n: 2, echo: true, logprobs: 1, max_tokens: 0 }
  const events = (await streamed(door, '/v1/completions', asked)) as { choices?: Legacy[] }[]
  const choices = events.flatMap(event => event.choices ?? [])
  const texts = [0, 1, 2, 3].map(index => {
    const own = choices.filter(choice => choice.index === index)
    return [own.map(({ text }) => text).join(''), own.flatMap(({ logprobs }) => logprobs?.text_offset ?? [])]
  })
  expect(texts).toEqual([
    ['Åse', [0]],
    ['Åse', [0]],
    ['Bo', [0]],
    ['Bo', [0]],
  ])
  expect(choices.filter(choice => choice.finish_reason === 'length')).toHaveLength(4)
})

interface Legacy {
  readonly index: number
  readonly text: string
  readonly logprobs: { readonly text_offset: readonly number[] } | null
  readonly finish_reason: string | null
}

/** The first sequence goes to the first of them, and so on. */
function inTurn(...meshes: readonly ScriptedInfer[]): Infer {
  let next = 0
  return (sequence, signal) => (meshes[next++] ?? scriptInfer()).infer(sequence, signal)
}
