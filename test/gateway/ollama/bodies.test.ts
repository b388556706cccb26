import { describe, expect, test } from 'vitest'
import { post } from '../support/ask.ts'
import { openDoor } from '../support/open-door.ts'
import { hello } from './ask.ts'

async function reaching(path: string, body: object) {
  const door = await openDoor()
  const { status, json } = await post(door, path, { ...body, stream: false })
  expect({ status, json }).toMatchObject({ status: 200 })
  return door.mesh.asked[0]
}

const png = 'iVBORw0KGgo='

test('every parameter of a chat reaches the Mac that answers it', async () => {
  const sequence = await reaching('/api/chat', {
    ...hello,
    think: 'high',
    format: { type: 'object' },
    keep_alive: -1,
    tools: [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }],
    options: {
      temperature: 0.5,
      top_k: 40,
      top_p: 0.9,
      min_p: 0.1,
      seed: 7,
      num_predict: 12,
      stop: ['END'],
      repeat_penalty: 1.1,
      repeat_last_n: -1,
      presence_penalty: 0.1,
      frequency_penalty: 0.2,
      num_ctx: 8192,
      num_gpu: 1,
      mirostat: 0,
      num_thread: null,
    },
  })
  expect(sequence).toMatchObject({
    modelId: 'org/tiny',
    messages: [{ role: 'user', content: 'Hi' }],
    thinking: { enabled: true, effort: 'high' },
    format: { type: 'json_schema', schema: { type: 'object' } },
    tools: [{ name: 'look', parameters: { type: 'object' } }],
    temperature: 0.5,
    topK: 40,
    topP: 0.9,
    minP: 0.1,
    seed: 7,
    maxTokens: 12,
    stop: ['END'],
    repetitionPenalty: 1.1,
    presencePenalty: 0.1,
    frequencyPenalty: 0.2,
  })
})

test('what stands for nothing in Ollama is nothing here', async () => {
  const { temperature, topK, seed, maxTokens, thinking, format } =
    (await reaching('/api/chat', {
      ...hello,
      format: '',
      think: null,
      tools: [],
      options: { seed: -1, num_predict: -1, top_k: -1, temperature: null },
    })) ?? {}
  expect({ temperature, topK, seed, maxTokens, thinking, format }).toEqual({ topK: 0 })
})

test('a conversation with pictures, thinking, calls and their results reaches the Mac', async () => {
  const sequence = await reaching('/api/chat', {
    ...hello,
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'What is this?', images: [png] },
      {
        role: 'assistant',
        content: '',
        thinking: 'Look.',
        tool_calls: [
          { function: { name: 'look', arguments: { at: 1 } } },
          { id: 'c7', function: { index: 1, name: 'go', arguments: {} } },
        ],
      },
      { role: 'tool', content: 'A cat' },
      { role: 'tool', content: 'gone' },
      { role: 'tool', content: 'more', tool_name: 'other' },
    ],
  })
  expect(sequence?.messages).toEqual([
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'What is this?', images: [`data:image/png;base64,${png}`] },
    {
      role: 'assistant',
      content: '',
      reasoning: 'Look.',
      toolCalls: [
        { id: 'call_2_0', name: 'look', arguments: '{"at":1}' },
        { id: 'c7', name: 'go', arguments: '{}' },
      ],
    },
    { role: 'tool', content: 'A cat', toolCallId: 'call_2_0', name: 'look' },
    { role: 'tool', content: 'gone', toolCallId: 'c7', name: 'go' },
    { role: 'tool', content: 'more', name: 'other' },
  ])
})

test('a prompt is what a user says, or the text as it is when it is raw', async () => {
  const asked = { model: 'org/tiny', prompt: 'Hi', context: [], suffix: '', template: '' }
  expect(
    await reaching('/api/generate', { ...asked, system: 'Be brief.', images: [png], format: 'json' }),
  ).toMatchObject({
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi', images: [`data:image/png;base64,${png}`] },
    ],
    format: { type: 'json_object' },
  })
  const raw = await reaching('/api/generate', { ...asked, raw: true })
  expect([raw?.prompt, raw?.messages]).toEqual(['Hi', undefined])
})

describe('what is not supported is refused by its name:', () => {
  const prompt = { model: 'org/tiny', prompt: 'Hi' }
  test.each<[string, string, object]>([
    ['model', '/api/chat', { ...hello, model: undefined }],
    ['messages[0].role', '/api/chat', { ...hello, messages: [{ role: 'developer', content: 'x' }] }],
    [
      'messages[0].colour',
      '/api/chat',
      { ...hello, messages: [{ role: 'user', content: 'x', colour: 'red' }] },
    ],
    [
      'messages[0].images[0]',
      '/api/chat',
      { ...hello, messages: [{ role: 'user', images: ['/etc/passwd'] }] },
    ],
    [
      'tools[0].function.name',
      '/api/chat',
      { ...hello, tools: [{ type: 'function', function: { name: 'a b' } }] },
    ],
    ['tool_choice', '/api/chat', { ...hello, tool_choice: 'auto' }],
    ['format', '/api/chat', { ...hello, format: 'xml' }],
    ['think', '/api/chat', { ...hello, think: 'a lot' }],
    ['top_logprobs', '/api/chat', { ...hello, top_logprobs: 2 }],
    ['options.temperature', '/api/chat', { ...hello, options: { temperature: 3 } }],
    ['options.mirostat', '/api/chat', { ...hello, options: { mirostat: 1 } }],
    ['options.tfs_z', '/api/chat', { ...hello, options: { tfs_z: 0.5 } }],
    ['options.repeat_last_n', '/api/chat', { ...hello, options: { repeat_last_n: 64, repeat_penalty: 1.1 } }],
    ['options.warmth', '/api/chat', { ...hello, options: { warmth: 1 } }],
    ['keep_alive', '/api/generate', { model: 'org/tiny', keep_alive: 0 }],
    ['suffix', '/api/generate', { ...prompt, suffix: 'end' }],
    ['template', '/api/generate', { ...prompt, template: '{{ .Prompt }}' }],
    ['context', '/api/generate', { ...prompt, context: [1, 2] }],
    ['system', '/api/generate', { ...prompt, raw: true, system: 'x' }],
    ['steps', '/api/generate', { ...prompt, steps: 4 }],
  ])('%s to %s: %j', async (param, path, body) => {
    const door = await openDoor()
    const { status, json } = await post(door, path, body)
    expect({ status, json }).toEqual({ status: 400, json: { error: expect.stringContaining(`'${param}'`) } })
    expect(door.mesh.asked).toEqual([])
  })
})
