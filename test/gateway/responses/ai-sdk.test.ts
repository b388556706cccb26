// The Vercel AI SDK, whose models of OpenAI speak the Responses API unless they are told otherwise.
import { createOpenAI } from '@ai-sdk/openai'
import { generateText, Output, stepCountIs, streamText, tool } from 'ai'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { startMemoryMesh } from '../../support/mesh-in-memory.ts'
import { openDoor } from '../support/open-door.ts'

/** `bodies`: what it sends. */
async function openModel(bodies: string[] = []) {
  const { infer } = await startMemoryMesh()
  const door = await openDoor({ infer })
  const recording: typeof fetch = (url, init) => {
    bodies.push(String(init?.body))
    return fetch(url, init)
  }
  const openai = createOpenAI({ baseURL: `${door.url}/v1`, apiKey: 'none', fetch: recording })
  return openai.responses('scripted')
}

const weather = tool({
  description: 'How is it?',
  inputSchema: z.object({ text: z.string() }),
  execute: async () => 'sun',
})

test('the AI SDK gets a text, whole and streamed', async () => {
  const model = await openModel()
  const asked = {
    model,
    system: 'Be brief.',
    prompt: 'Hello',
    maxOutputTokens: 12,
    temperature: 0,
    maxRetries: 0,
  }
  const whole = await generateText(asked)
  expect(whole.text).not.toBe('')
  expect(whole).toMatchObject({ finishReason: 'length', usage: { outputTokens: 12 } })
  const stream = streamText(asked)
  let text = ''
  for await (const part of stream.textStream) text += part
  expect(text).toBe(whole.text)
  expect(await stream.finishReason).toBe('length')
})

test('the AI SDK calls a tool and goes on with its result, which refers to items that are stored', async () => {
  const bodies: string[] = []
  const stream = streamText({
    model: await openModel(bodies),
    prompt: 'Ask weather, please',
    tools: { weather },
    stopWhen: stepCountIs(3),
    providerOptions: { openai: { forceReasoning: true, reasoningEffort: 'low', reasoningSummary: 'auto' } },
    maxRetries: 0,
    onError: ({ error }) => {
      throw error
    },
  })
  const steps = await stream.steps
  expect(steps).toHaveLength(2)
  expect(steps[0]).toMatchObject({
    finishReason: 'tool-calls',
    toolResults: [{ toolName: 'weather', output: 'sun' }],
  })
  expect(steps[1]?.text).not.toBe('')
  expect(bodies[1]).toContain('item_reference')
})

test('the AI SDK gets an object that fits its schema', async () => {
  const { output } = await generateText({
    model: await openModel(),
    prompt: 'Hello',
    output: Output.object({ schema: z.object({ text: z.string() }) }),
    maxRetries: 0,
  })
  expect(output.text).toEqual(expect.any(String))
})
