// What the real runtime says, held against OpenAI's published schemas.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectPublished, expectPublishedResponse } from '../gateway/support/published.ts'
import type { ServedPeer } from '../support/serve.ts'
import { embeddingModel, startClientsPeer, textModel, thinkingModel } from './support/clients-peer.ts'

const messages = [{ role: 'user', content: 'What is the weather?' }]
const parameters = { type: 'object', properties: { city: { enum: ['Paris', 'Oslo'] } }, required: ['city'] }
const weather = { name: 'get_weather', parameters }
const asked = { model: textModel, max_tokens: 8, temperature: 0 }
let peer: ServedPeer

beforeAll(async () => {
  peer = await startClientsPeer()
})

afterAll(() => peer?.close())

async function post(path: string, body: object): Promise<string> {
  const response = await fetch(`${peer.url}/v1/${path}`, { method: 'POST', body: JSON.stringify(body) })
  return response.text()
}

function eventsIn(stream: string): unknown[] {
  const lines = stream.split('\n').filter(line => line.startsWith('data: ') && line !== 'data: [DONE]')
  return lines.map(line => JSON.parse(line.slice('data: '.length)))
}

test.each<[string, object]>([
  ['text', { n: 2 }],
  ['log probabilities', { logprobs: true, top_logprobs: 2 }],
  ['a stop string', { stop: ['e'] }],
  ['thinking', { model: thinkingModel }],
  ['a format', { response_format: { type: 'json_object' } }],
  ['a call', { max_tokens: 64, tools: [{ type: 'function', function: weather }], tool_choice: 'required' }],
])('a chat with %s is as published, whole and streamed', async (_, more) => {
  const body = { ...asked, messages, ...more }
  expectPublished('CreateChatCompletionResponse', JSON.parse(await post('chat/completions', body)))
  const usage = { stream_options: { include_usage: true } }
  const events = eventsIn(await post('chat/completions', { ...body, ...usage, stream: true }))
  expect(events.length).toBeGreaterThan(2)
  for (const event of events) expectPublished('CreateChatCompletionStreamResponse', event)
})

test.each<[string, object]>([
  ['text', {}],
  ['thinking', { model: thinkingModel }],
  ['a call', { tools: [{ type: 'function', ...weather }], tool_choice: 'required' }],
])('a response with %s is as published, whole and streamed', async (_, more) => {
  const body = { model: textModel, temperature: 0, max_output_tokens: 64, input: 'Hello', ...more }
  expectPublishedResponse('Response', JSON.parse(await post('responses', body)))
  const events = eventsIn(await post('responses', { ...body, stream: true }))
  expect(events.length).toBeGreaterThan(2)
  for (const event of events) expectPublishedResponse('ResponseStreamEvent', event)
})

test('completions, embeddings, models and refusals are as published', async () => {
  const completion = { ...asked, prompt: ['One', 'Two'], logprobs: 2 }
  expectPublished('CreateCompletionResponse', JSON.parse(await post('completions', completion)))
  const embeddings = { model: embeddingModel, input: ['one', 'two'] }
  expectPublished('CreateEmbeddingResponse', JSON.parse(await post('embeddings', embeddings)))
  const models = await fetch(`${peer.url}/v1/models`)
  expectPublished('ListModelsResponse', await models.json())
  const long = { ...asked, messages: [{ role: 'user', content: 'word '.repeat(9000) }] }
  expectPublished('ErrorResponse', JSON.parse(await post('chat/completions', long)))
})
