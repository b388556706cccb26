import { expect, test } from 'vitest'
import { startMemoryMesh } from '../support/mesh-in-memory.ts'
import { chat, complete, post, streamed } from './support/ask.ts'
import { openDoor } from './support/open-door.ts'

const asked = {
  model: 'scripted',
  messages: [{ role: 'user', content: 'Hello' }],
  max_tokens: 12,
  temperature: 0,
}

test('the same request gives the same text whole, streamed, and as each of several choices', async () => {
  const { infer } = await startMemoryMesh()
  const door = await openDoor({ infer })
  const whole = await chat(door, asked)
  const { choices } = whole.json as { choices: { message: { content: string } }[] }
  const text = choices[0]?.message.content ?? ''
  expect(text).not.toBe('')
  expect(whole).toMatchObject({ status: 200, json: { usage: { completion_tokens: 12 } } })
  expect(whole.headers.get('x-mlx-mesh-worker')).toBe('worker1')

  const chunks = (await streamed(door, '/v1/chat/completions', { ...asked, n: 2 })) as Chunk[]
  for (const index of [0, 1]) {
    const parts = chunks.flatMap(({ choices = [] }) => choices).filter(choice => choice.index === index)
    expect(parts.map(({ delta }) => delta.content ?? '').join('')).toBe(text)
  }
  expect(door.records).toMatchObject([{ tokensGenerated: 12 }, { tokensGenerated: 24, workerId: 'worker1' }])
})

interface Chunk {
  readonly choices?: readonly { readonly index: number; readonly delta: { readonly content?: string } }[]
}

test('a model that nobody has is 404, and what the model refuses is 400, also for a stream', async () => {
  const { infer } = await startMemoryMesh()
  const door = await openDoor({ infer })
  for (const stream of [false, true]) {
    expect(await chat(door, { ...asked, model: 'nobody/has', stream })).toMatchObject({
      status: 404,
      json: { error: { code: 'model_not_found', param: 'model' } },
    })
    const long = { ...asked, messages: [{ role: 'user', content: 'word '.repeat(10_000) }], stream }
    expect(await chat(door, long)).toMatchObject({
      status: 400,
      json: { error: { code: 'context_length_exceeded' } },
    })
  }
})

test('an answer may be asked to be longer than the context has room for', async () => {
  const { infer } = await startMemoryMesh({ contextTokens: 8 })
  const door = await openDoor({ infer })
  const cut = { finish_reason: 'length' }
  expect(await chat(door, { ...asked, max_tokens: 32_000 })).toMatchObject({
    status: 200,
    json: { choices: [cut], usage: { completion_tokens: 7 } },
  })
  const ollama = { model: 'scripted', prompt: 'Hello', stream: false, options: { num_predict: 32_000 } }
  expect((await post(door, '/api/generate', ollama)).json).toMatchObject({
    done_reason: 'length',
    eval_count: 7,
  })
  const response = { model: 'scripted', input: 'Hello', max_output_tokens: 32_000 }
  expect((await post(door, '/v1/responses', response)).json).toMatchObject({
    status: 'incomplete',
    usage: { output_tokens: 7 },
  })
  const legacy = { model: 'scripted', prompt: 'Hello', max_tokens: 32_000 }
  expect(await complete(door, legacy)).toMatchObject({
    status: 400,
    json: { error: { code: 'context_length_exceeded' } },
  })
})

test('a chat of 15 MB is answered whole', async () => {
  const { infer } = await startMemoryMesh({ contextTokens: 1 << 20 })
  const messages = [{ role: 'user', content: 'Word by word '.repeat(1_200_000).slice(0, 15e6) }]
  const words = { ...asked, messages: [{ role: 'user', content: 'Hello' }] }
  const door = await openDoor({ infer })
  expect(await chat(door, { ...asked, messages, max_tokens: 3 })).toMatchObject({
    status: 400,
    json: { error: { code: 'context_length_exceeded' } },
  })
  const long = [{ role: 'user', content: `${'x'.repeat(15e6)} Hello` }]
  const { status, json } = await chat(door, { ...asked, messages: long })
  expect({ status, json }).toMatchObject({ status: 200, json: { usage: { prompt_tokens: 2 } } })
  const { choices } = (await chat(door, words)).json as { choices: unknown }
  expect((json as { choices: unknown }).choices).toEqual(choices)
})

test('a chat that is larger than what a Mac is sent is 413, in words', async () => {
  const { infer } = await startMemoryMesh()
  const messages = [{ role: 'user', content: 'x'.repeat(20 << 20) }]
  expect(await chat(await openDoor({ infer }), { ...asked, messages })).toMatchObject({
    status: 413,
    json: { error: { code: 'request_too_large', message: expect.stringContaining('20 MiB') } },
  })
})

test('legacy completions pass through the mesh', async () => {
  const { infer } = await startMemoryMesh()
  const { status, json } = await complete(await openDoor({ infer }), {
    ...asked,
    messages: null,
    prompt: ['a', 'b'],
  })
  expect({ status, json }).toMatchObject({ status: 200, json: { choices: [{ index: 0 }, { index: 1 }] } })
})
