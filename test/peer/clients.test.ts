// The official clients against a real model: nothing between them and Python is replaced.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pythonDevBinary } from '../support/runtime.ts'
import { type ServedPeer, startServe } from '../support/serve.ts'

const model = 'SmolLM2-135M-Instruct'
const question = [{ role: 'user' as const, content: 'What is the capital of France?' }]
let peer: ServedPeer
let client: OpenAI

beforeAll(async () => {
  peer = await startServe()
  client = new OpenAI({ baseURL: `${peer.url}/v1`, apiKey: 'none', maxRetries: 0 })
})

afterAll(() => peer?.close())

describe('the official Python client', () => {
  test('works unchanged', async () => {
    const script = join(import.meta.dirname, '..', 'fixtures', 'openai_client.py')
    const { stdout } = await promisify(execFile)(pythonDevBinary, [script, peer.url, model])
    const seen = JSON.parse(stdout)
    expect(seen).toMatchObject({
      models: expect.arrayContaining([model, 'tiny']),
      model,
      whole: expect.stringContaining('Paris'),
      requestId: expect.stringMatching(/^req_/),
      completions: [
        [0, 3],
        [1, 3],
      ],
      echo: ['The sky is blue', null],
      errors: {
        'unknown model': [404, 'model_not_found', 'model'],
        'bad value': [400, 'invalid_request_error', 'temperature'],
      },
    })
    expect(seen.streamed).toBe(seen.whole)
    // The same prompt for the second time comes out of the prefix cache.
    expect(seen.usage.prompt_tokens_details.cached_tokens).toBeGreaterThan(30)
  })
})

describe('the official Node client', () => {
  test('gets the same greedy answer streamed and whole', async () => {
    const body = { model, messages: question, temperature: 0, max_tokens: 12 }
    const whole = await client.chat.completions.create(body)
    let streamed = ''
    for await (const chunk of await client.chat.completions.create({ ...body, stream: true }))
      streamed += chunk.choices[0]?.delta.content ?? ''
    expect(whole.choices[0]?.message.content).toContain('Paris')
    expect(streamed).toBe(whole.choices[0]?.message.content)
  })

  test('never sees a stop string, wherever its tokens end', async () => {
    const body = { model, messages: question, temperature: 0, max_tokens: 12, stop: ['f Fran'] }
    let streamed = ''
    let finish: string | null | undefined
    for await (const chunk of await client.chat.completions.create({ ...body, stream: true })) {
      streamed += chunk.choices[0]?.delta.content ?? ''
      finish = chunk.choices[0]?.finish_reason ?? finish
    }
    expect(streamed).toBe('The capital o')
    expect(finish).toBe('stop')
  })

  test('is told how much of a prompt was known already, whole and streamed', async () => {
    const messages = [{ role: 'user' as const, content: 'Said again and again: '.repeat(20) }]
    const body = { model: 'tiny', messages, temperature: 0, max_tokens: 4 }
    const first = await client.chat.completions.create(body)
    const again = await client.chat.completions.create(body)
    const chunks = client.chat.completions.stream({ ...body, stream_options: { include_usage: true } })
    const streamed = (await chunks.finalChatCompletion()).usage
    const known = (first.usage?.prompt_tokens ?? 0) - 1 // the last one is always read
    expect(first.usage?.prompt_tokens_details?.cached_tokens).toBeLessThan(known / 2)
    expect(again.usage?.prompt_tokens_details?.cached_tokens).toBe(known)
    expect(streamed?.prompt_tokens_details?.cached_tokens).toBe(known)
  })

  test('gets the same text for the same seed, alone and among others', async () => {
    const ask = async (seed: number) => {
      const body = { model: 'tiny', messages: question, temperature: 1, max_tokens: 16, seed }
      return (await client.chat.completions.create(body)).choices[0]?.message.content
    }
    const alone = await ask(7)
    const among = await Promise.all([1, 2, 3, 7, 5].map(ask))
    expect(among[3]).toBe(alone)
    expect(new Set(among).size).toBe(5)
  })

  test('gets n choices, log probabilities and the usage of all of them', async () => {
    const answer = await client.chat.completions.create({
      model: 'tiny',
      messages: question,
      n: 3,
      seed: 1,
      max_tokens: 4,
      logprobs: true,
      top_logprobs: 2,
      logit_bias: { '0': -100, '2': -100 },
    })
    expect(answer.choices.map(choice => choice.index)).toEqual([0, 1, 2])
    expect(answer.usage?.completion_tokens).toBe(12)
    const first = answer.choices[0]?.logprobs?.content?.[0]
    expect(first?.top_logprobs).toHaveLength(2)
    expect(first?.logprob).toBeLessThanOrEqual(0)
  })

  test('is told which parameter makes a prompt too long', async () => {
    const long = [{ role: 'user' as const, content: 'word '.repeat(9000) }]
    const answer = client.chat.completions.create({ model, messages: long, stream: true })
    await expect(answer).rejects.toMatchObject({
      status: 400,
      code: 'context_length_exceeded',
      param: 'messages',
      type: 'invalid_request_error',
    })
  })

  test('waits for a model that is on disk and not loaded', async () => {
    await fetch(`${peer.url}/api/cluster/workers/${await workerId()}/unload-model`, {
      method: 'POST',
      body: JSON.stringify({ modelId: 'tiny' }),
    })
    await expect.poll(stateOfTiny, { timeout: 10_000 }).toBe('unloaded')
    const answer = await client.chat.completions.create({ model: 'tiny', messages: question, max_tokens: 2 })
    expect(answer.usage?.completion_tokens).toBeGreaterThan(0)
    expect(await stateOfTiny()).toBe('ready')
  })
})

async function worker(): Promise<{ workerId: string; models: { modelId: string; state: string }[] }> {
  const response = await fetch(`${peer.url}/api/cluster/workers`)
  const [first] = (await response.json()) as Awaited<ReturnType<typeof worker>>[]
  if (!first) throw new Error('the peer has no worker')
  return first
}

async function workerId(): Promise<string> {
  return (await worker()).workerId
}

async function stateOfTiny(): Promise<string | undefined> {
  return (await worker()).models.find(model => model.modelId === 'tiny')?.state
}
