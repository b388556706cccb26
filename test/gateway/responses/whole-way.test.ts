// OpenAI's client, the door, the bus, and workers with scripted engines: all but Python.
import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { type MeshOptions, startMemoryMesh } from '../../support/mesh-in-memory.ts'
import { openDoor } from '../support/open-door.ts'
import { streamResponse } from './ask.ts'

const weather = {
  type: 'function' as const,
  name: 'weather',
  parameters: { type: 'object', properties: { text: { type: 'string' } } },
  strict: false,
}

async function openMesh(options: MeshOptions = {}) {
  const { infer } = await startMemoryMesh(options)
  const door = await openDoor({ infer })
  const { responses } = new OpenAI({ baseURL: `${door.url}/v1`, apiKey: 'none', maxRetries: 0 })
  return { door, responses }
}

test('a response says the same whole and streamed', async () => {
  const { door, responses } = await openMesh()
  const asked = { model: 'scripted', input: 'Hello', max_output_tokens: 12, temperature: 0 }
  const whole = await responses.create(asked)
  expect(whole.output_text).not.toBe('')
  expect(whole).toMatchObject({ status: 'incomplete', usage: { output_tokens: 12 } })
  const events = await streamResponse(door, asked)
  expect(events.map(event => (event.type.endsWith('output_text.delta') ? event.delta : '')).join('')).toBe(
    whole.output_text,
  )
})

test('three turns of a conversation are answered by the same Mac', async () => {
  const { responses } = await openMesh({ workers: 3 })
  const asked = { model: 'scripted', max_output_tokens: 8 }
  let previous: string | null = null
  const macs = new Set<string | null>()
  let promptTokens = 0
  for (const input of ['One', 'Two', 'Three']) {
    const { data, response } = await responses
      .create({ ...asked, input, previous_response_id: previous })
      .withResponse()
    macs.add(response.headers.get('x-mlx-mesh-worker'))
    expect(data.previous_response_id).toBe(previous)
    expect(data.usage?.input_tokens).toBeGreaterThan(promptTokens)
    promptTokens = data.usage?.input_tokens ?? 0
    previous = data.id
  }
  expect([...macs]).toHaveLength(1)
})

test('a tool is called, answered, and the conversation goes on, over stored responses', async () => {
  const { responses } = await openMesh()
  const asked = { model: 'scripted', tools: [weather], max_output_tokens: 20 }
  const stream = responses.stream({ ...asked, input: 'Ask weather, please', reasoning: { effort: 'low' } })
  const first = await stream.finalResponse()
  expect(first.status).toBe('completed')
  expect(first.output.map(({ type }) => type)).toEqual(['reasoning', 'function_call'])
  const call = first.output.find(item => item.type === 'function_call')
  expect(call?.name).toBe('weather')
  expect(JSON.parse(call?.arguments ?? '')).toMatchObject({ text: expect.any(String) })
  const second = await responses.create({
    ...asked,
    previous_response_id: first.id,
    input: [{ type: 'function_call_output', call_id: call?.call_id ?? '', output: 'sun' }],
  })
  expect(second.output.map(({ type }) => type)).toEqual(['message'])
})

test('a response keeps to the format that it is asked for', async () => {
  const { responses } = await openMesh()
  const schema = { type: 'object', properties: { text: { type: 'string' } }, additionalProperties: false }
  const response = await responses.parse({
    model: 'scripted',
    input: 'Hello',
    text: { format: { type: 'json_schema', name: 'said', schema } },
  })
  expect(JSON.parse(response.output_text)).toMatchObject({ text: expect.any(String) })
})

test('a client that leaves in the middle has its answer called off, and nothing of it is stored', async () => {
  const { door, responses } = await openMesh({ script: { tokensPerSecond: 20 } })
  const stream = await responses.create({ model: 'scripted', input: 'Hello', stream: true })
  let id = ''
  for await (const event of stream) {
    if (event.type === 'response.created') id = event.response.id
    if (event.type === 'response.output_text.delta') break
  }
  await expect.poll(() => door.records[0]?.status).toBe('cancelled')
  expect((await fetch(`${door.url}/v1/responses/${id}`)).status).toBe(404)
})
