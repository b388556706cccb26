// What Node.js programs do with the clients that their authors publish, against a real model.

import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import Anthropic from '@anthropic-ai/sdk'
import { APICallError, generateObject, generateText, jsonSchema, streamText, tool } from 'ai'
import { Ollama } from 'ollama'
import OpenAI from 'openai'
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { ServedPeer } from '../support/serve.ts'
import {
  embeddingModel,
  textModel as model,
  startClientsPeer,
  thinkingModel,
} from './support/clients-peer.ts'

const review = z.object({ stars: z.enum(['one', 'two']), spoilers: z.boolean() })
const messages = [{ role: 'user' as const, content: 'What is the capital of France?' }]
const city = { type: 'object', properties: { city: { enum: ['Paris', 'Oslo'] } }, required: ['city'] }
const parameters = { ...city, additionalProperties: false }
const weather = { type: 'function' as const, function: { name: 'get_weather', parameters } }
const short = { model, messages, temperature: 0, max_tokens: 8 }
/** Slow: it answers what is as short as can be. */
const starter = 'SmolLM2-135M-Instruct'
const timeoutMs = 60_000
let peer: ServedPeer
let client: OpenAI

beforeAll(async () => {
  peer = await startClientsPeer()
  client = new OpenAI({ baseURL: `${peer.url}/v1`, apiKey: 'none', maxRetries: 0 })
})

afterAll(() => peer?.close())

describe("OpenAI's client", () => {
  test('parses what keeps to a schema of zod', async () => {
    const format = zodResponseFormat(review, 'review')
    const bound = { ...short, max_tokens: 64, response_format: format }
    const chat = await client.chat.completions.parse(bound)
    expect(review.parse(chat.choices[0]?.message.parsed)).toBeDefined()
    const streamed = await client.chat.completions.stream(bound).finalChatCompletion()
    expect(streamed.choices[0]?.message.parsed).toEqual(chat.choices[0]?.message.parsed)
    const text = { format: zodTextFormat(review, 'review') }
    const asked = { model, text, max_output_tokens: 64 }
    const question = { role: 'user' as const, content: 'Review it' }
    const response = await client.responses.parse({ ...asked, input: [question] })
    expect(review.parse(response.output_parsed)).toBeDefined()
    const answer = response.output.filter(item => item.type === 'message')
    const again = await client.responses.parse({ ...asked, input: [question, ...answer, question] })
    expect(review.parse(again.output_parsed)).toBeDefined()
  })

  test('runs a tool that the model must call, streamed, and takes the call back with its result', async () => {
    const stream = client.chat.completions.stream({
      ...short,
      max_tokens: 64,
      tools: [weather],
      tool_choice: { type: 'function', function: { name: 'get_weather' } },
    })
    const { message, finish_reason } = (await stream.finalChatCompletion()).choices[0] ?? {}
    const call = message?.tool_calls?.[0]
    if (!message || call?.type !== 'function') throw new Error('the model called nothing')
    expect(['stop', 'tool_calls']).toContain(finish_reason)
    expect(z.object({ city: z.string() }).parse(JSON.parse(call.function.arguments))).toBeDefined()
    const told = await client.chat.completions.create({
      ...short,
      messages: [...messages, message, { role: 'tool', tool_call_id: call.id, content: 'Sunny' }],
      tools: [weather],
    })
    expect(told.usage?.prompt_tokens).toBeGreaterThan(20)
  })

  test('has a small model call a tool, and keep to a schema', { timeout: timeoutMs }, async () => {
    const asked = { ...short, model: starter, max_tokens: 32_000 }
    const { choices } = await client.chat.completions.create({
      ...asked,
      tools: [weather],
      tool_choice: 'required',
      parallel_tool_calls: false,
    })
    const [call] = choices[0]?.message.tool_calls ?? []
    expect(choices[0]?.finish_reason).toBe('tool_calls')
    expect(['{"city":"Paris"}', '{"city":"Oslo"}']).toContain(
      call?.type === 'function' ? call.function.arguments.replaceAll(/\s/g, '') : '',
    )
    const stars = z.object({ stars: z.literal([1, 2, 3]) })
    const format = zodResponseFormat(stars, 'rating')
    const rated = await client.chat.completions.parse({ ...asked, response_format: format })
    expect(stars.parse(rated.choices[0]?.message.parsed)).toBeDefined()
  })

  test('gets embeddings, packed as it asks for them, as numbers, and shortened', async () => {
    const packed = await client.embeddings.create({ model: embeddingModel, input: ['one', 'two'] })
    const plain = await client.embeddings.create({
      model: embeddingModel,
      input: 'one',
      encoding_format: 'float',
      dimensions: 64,
    })
    expect(packed.data.map(each => each.embedding.length)).toEqual([384, 384])
    expect(plain.data[0]?.embedding).toHaveLength(64)
  })
})

describe('the AI SDK', () => {
  const providers = () => {
    const options = { baseURL: `${peer.url}/v1`, apiKey: 'none' }
    const compatible = createOpenAICompatible({
      ...options,
      name: 'mesh',
      supportsStructuredOutputs: true,
      includeUsage: true,
    })
    const openai = createOpenAI(options)
    return [compatible(model), openai.chat(model), openai.responses(model)]
  }

  test('generates and streams the same text with each of its providers', async () => {
    for (const each of providers()) {
      const options = {
        model: each,
        prompt: 'Say something',
        temperature: 0,
        maxOutputTokens: 16,
        maxRetries: 0,
      }
      const whole = await generateText(options)
      expect(whole.text).not.toBe('')
      expect(whole.usage.outputTokens).toBeGreaterThan(0)
      const parts: string[] = []
      for await (const part of streamText(options).textStream) parts.push(part)
      expect(parts.join('')).toBe(whole.text)
    }
  })

  test('gets an object that keeps to its schema', async () => {
    for (const each of providers()) {
      const { object } = await generateObject({
        model: each,
        schema: review,
        prompt: 'Review it',
        maxOutputTokens: 64,
        maxRetries: 0,
      })
      expect(review.parse(object)).toBeDefined()
    }
  })

  test('runs the tool that the model has to call', async () => {
    for (const each of providers()) {
      const asked: unknown[] = []
      const getWeather = tool({
        inputSchema: jsonSchema<{ city: string }>({ ...parameters, type: 'object' }),
        execute: async input => {
          asked.push(input)
          return 'Sunny'
        },
      })
      await generateText({
        model: each,
        prompt: 'What is the weather in Paris?',
        tools: { getWeather },
        toolChoice: 'required',
        temperature: 0,
        maxOutputTokens: 32_000,
        maxRetries: 0,
      })
      expect(asked.length).toBeGreaterThan(0)
      expect(z.array(z.object({ city: z.enum(['Paris', 'Oslo']) })).parse(asked)).toBeDefined()
    }
  })
})

describe('the AI SDK, streaming', () => {
  const compatible = () =>
    createOpenAICompatible({ baseURL: `${peer.url}/v1`, apiKey: 'none', name: 'mesh', includeUsage: true })

  test('takes a call in pieces', async () => {
    const inputSchema = jsonSchema<{ city: string }>({ ...parameters, type: 'object' })
    const { fullStream } = streamText({
      model: compatible()(model),
      prompt: 'What is the weather in Paris?',
      tools: { getWeather: tool({ inputSchema }) },
      toolChoice: 'required',
      temperature: 0,
      maxRetries: 0,
    })
    const seen = new Map<string, string>()
    for await (const part of fullStream) {
      if (part.type === 'error') throw part.error
      if (part.type === 'tool-input-delta') seen.set(part.id, (seen.get(part.id) ?? '') + part.delta)
      if (part.type === 'tool-call') expect(JSON.parse(seen.get(part.toolCallId) ?? '')).toEqual(part.input)
    }
    expect(seen.size).toBeGreaterThan(0)
  })

  test('tells thinking from text', async () => {
    const asked = { model: compatible()(thinkingModel), prompt: 'Hi', maxOutputTokens: 8, temperature: 0 }
    const whole = await generateText({ ...asked, maxRetries: 0 })
    let streamed = ''
    for await (const part of streamText({ ...asked, maxRetries: 0 }).fullStream)
      if (part.type === 'reasoning-delta') streamed += part.text
    expect(whole.reasoningText).not.toBe('')
    expect(streamed).toBe(whole.reasoningText)
  })

  test('is told what is wrong as its own error', async () => {
    const asked = { model: compatible()('no-such-model'), prompt: 'Hi', maxRetries: 0 }
    const error: unknown = await generateText(asked).catch(thrown => thrown)
    expect(APICallError.isInstance(error) && error.statusCode).toBe(404)
  })
})

describe("Anthropic's client", () => {
  test('streams a tool call and its end', async () => {
    const anthropic = new Anthropic({ baseURL: peer.url, apiKey: 'none', maxRetries: 0 })
    const tools = [{ name: 'get_weather', input_schema: { ...parameters, type: 'object' as const } }]
    const stream = anthropic.messages.stream({
      model,
      messages,
      max_tokens: 32_000,
      temperature: 0,
      tools,
      tool_choice: { type: 'tool', name: 'get_weather' },
    })
    const answer = await stream.finalMessage()
    expect(answer.stop_reason).toBe('tool_use')
    expect(answer.content.some(block => block.type === 'tool_use')).toBe(true)
    const unknown = anthropic.messages.create({ model: 'no-such-model', messages, max_tokens: 8 })
    await expect(unknown).rejects.toBeInstanceOf(Anthropic.NotFoundError)
  })
})

describe("Ollama's client", () => {
  test('chats in a stream and keeps to a schema', async () => {
    const ollama = new Ollama({ host: peer.url })
    let text = ''
    const options = { temperature: 0, num_predict: 8 }
    for await (const part of await ollama.chat({ model, messages, stream: true, options }))
      text += part.message.content
    expect(text).not.toBe('')
    const format = z.toJSONSchema(review)
    const request = { model, prompt: 'Review it', format, options: { num_predict: 64 } }
    const bound = await ollama.generate({ ...request, stream: false })
    expect(review.parse(JSON.parse(bound.response ?? ''))).toBeDefined()
    const unknown = ollama.chat({ model: 'no-such-model', messages })
    await expect(unknown).rejects.toMatchObject({ name: 'ResponseError', status_code: 404 })
  })
})
