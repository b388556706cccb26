import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { jsonSchema, streamText, tool } from 'ai'
import OpenAI, { BadRequestError, InternalServerError, NotFoundError, RateLimitError } from 'openai'
import { expect, test } from 'vitest'
import { MeshError } from '../../main/protocol/errors.ts'
import { startMemoryMesh } from '../support/mesh-in-memory.ts'
import { type Door, openDoor } from './support/open-door.ts'

const hello = { model: 'org/tiny', messages: [{ role: 'user' as const, content: 'Hi' }] }

function clientOf({ url }: Door): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 })
}

test("OpenAI's client gets a chat answer with usage and cached tokens", async () => {
  const door = await openDoor()
  const { data, response } = await clientOf(door).chat.completions.create(hello).withResponse()
  expect(data.choices[0]?.message.content).toBe('Hello!')
  expect(data.choices[0]?.finish_reason).toBe('stop')
  expect(data.usage).toMatchObject({ prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 })
  expect(data.usage?.prompt_tokens_details?.cached_tokens).toBe(2)
  expect(response.headers.get('x-mlx-mesh-worker')).toBe('mac1')
  expect(response.headers.get('x-request-id')).toMatch(/^req_/)
})

test("OpenAI's client streams a chat answer, with its role first and its usage last", async () => {
  const door = await openDoor()
  const stream = await clientOf(door).chat.completions.create({
    ...hello,
    stream: true,
    stream_options: { include_usage: true },
  })
  const chunks = []
  for await (const chunk of stream) chunks.push(chunk)
  expect(chunks[0]?.choices[0]?.delta.role).toBe('assistant')
  expect(chunks.map(chunk => chunk.choices[0]?.delta.content ?? '').join('')).toBe('Hello!')
  expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop')
  expect(chunks.at(-1)?.choices).toEqual([])
  expect(chunks.at(-1)?.usage?.total_tokens).toBe(8)
})

test("OpenAI's client gets legacy completions, whole and streamed", async () => {
  const client = clientOf(await openDoor())
  const whole = await client.completions.create({ model: 'org/tiny', prompt: 'Say hello' })
  expect(whole.choices[0]?.text).toBe('Hello!')
  let text = ''
  const stream = await client.completions.create({ model: 'org/tiny', prompt: 'Say hello', stream: true })
  for await (const chunk of stream) text += chunk.choices[0]?.text ?? ''
  expect(text).toBe('Hello!')
})

test("OpenAI's client lists and retrieves models whose names have slashes", async () => {
  const client = clientOf(await openDoor())
  const ids = []
  for await (const model of client.models.list()) ids.push(model.id)
  expect(ids).toEqual(['org/tiny', 'other'])
  expect(await client.models.retrieve('org/tiny')).toMatchObject({ object: 'model', created: 1_700_000_000 })
  await expect(client.models.retrieve('no/such')).rejects.toBeInstanceOf(NotFoundError)
})

test("OpenAI's client sees each failure as the error class it knows", async () => {
  const door = await openDoor()
  const client = clientOf(door)
  const failing = (error: MeshError) => {
    door.mesh.script.refuse = error
    return client.chat.completions.create(hello)
  }
  await expect(client.chat.completions.create({ ...hello, temperature: 3 })).rejects.toMatchObject({
    constructor: BadRequestError,
    param: 'temperature',
    type: 'invalid_request_error',
  })
  await expect(failing(new MeshError('MODEL_NOT_FOUND', 'No.', { param: 'model' }))).rejects.toMatchObject({
    constructor: NotFoundError,
    code: 'model_not_found',
    param: 'model',
  })
  const overloaded = failing(new MeshError('OVERLOADED', 'Full.', { retryAfterMs: 2500 }))
  const error: unknown = await overloaded.catch(thrown => thrown)
  expect(error).toBeInstanceOf(RateLimitError)
  if (error instanceof RateLimitError) expect(error.headers.get('retry-after')).toBe('3')
  await expect(failing(new MeshError('NO_WORKER', 'Nobody.'))).rejects.toBeInstanceOf(InternalServerError)
})

test('an answer that fails half-way raises an error in the client and keeps what came before', async () => {
  const door = await openDoor()
  door.mesh.script.failAfter = { tokens: 2, error: new MeshError('ENGINE_FAILED', 'The model broke down.') }
  const stream = await clientOf(door).chat.completions.create({ ...hello, stream: true })
  let text = ''
  const reading = (async () => {
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
  })()
  await expect(reading).rejects.toThrow('The model broke down.')
  expect(text).toBe('Hello')
  expect(door.records[0]).toMatchObject({ status: 'failed', errorCode: 'ENGINE_FAILED', tokensGenerated: 2 })
})

const weather = {
  type: 'function' as const,
  function: {
    name: 'weather',
    description: 'Of a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
  },
}

/** In the mesh of scripts a model thinks when it is told to, and calls the tool that the user names. */
async function openThinkingMesh(): Promise<Door> {
  const { infer } = await startMemoryMesh()
  return openDoor({ infer })
}

const question = {
  model: 'scripted',
  temperature: 0,
  messages: [{ role: 'user' as const, content: 'The weather?' }],
}

test("OpenAI's client runs a tool that the model calls, streamed, and sends its result back", async () => {
  const client = clientOf(await openThinkingMesh())
  const given: unknown[] = []
  const runner = client.chat.completions.runTools({
    ...question,
    stream: true,
    tools: [
      {
        ...weather,
        function: {
          ...weather.function,
          parse: JSON.parse,
          function: (args: unknown) => {
            given.push(args)
            return 'sunny'
          },
        },
      },
    ],
  })
  expect(await runner.finalContent()).not.toBe('')
  expect(given).toEqual([{ text: expect.any(String) }])
  expect(runner.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'assistant'])
})

test("OpenAI's client reads an answer in JSON", async () => {
  const client = clientOf(await openThinkingMesh())
  const { choices } = await client.chat.completions.parse({
    ...question,
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'words', strict: true, schema: { type: 'object' } },
    },
  })
  expect(JSON.parse(choices[0]?.message.content ?? '')).toEqual({ text: expect.any(String) })
})

test("Vercel's AI SDK streams thinking, and a call with its arguments", async () => {
  const door = await openThinkingMesh()
  const provider = createOpenAICompatible({ name: 'mesh', baseURL: `${door.url}/v1`, includeUsage: true })
  const { fullStream } = streamText({
    model: provider('scripted'),
    prompt: 'The weather?',
    temperature: 0,
    tools: { weather: tool({ inputSchema: jsonSchema({ type: 'object' }) }) },
    providerOptions: { mesh: { reasoningEffort: 'low' } },
  })
  const seen: Record<string, string> = {}
  const calls: unknown[] = []
  for await (const part of fullStream) {
    if (part.type === 'reasoning-delta' || part.type === 'text-delta')
      seen[part.type] = (seen[part.type] ?? '') + part.text
    if (part.type === 'tool-call') calls.push({ name: part.toolName, input: part.input })
    if (part.type === 'finish') seen['finish'] = part.finishReason
    if (part.type === 'error') throw part.error
  }
  expect(seen).toEqual({ 'reasoning-delta': expect.stringMatching(/\w/), finish: 'tool-calls' })
  expect(calls).toEqual([{ name: 'weather', input: { text: expect.any(String) } }])
})
