import { describe, expect, test } from 'vitest'
import { chat, complete, hello, post } from './support/ask.ts'
import { openDoor } from './support/open-door.ts'

const user = (content: unknown, more = {}) => ({ messages: [{ role: 'user', content, ...more }] })
const invalidMessage = { role: 'user', content: 'Hi' }

describe('a chat request with a bad value is refused with 400 and the name of the parameter', () => {
  test.each<[string, object]>([
    ['model', { model: null }],
    ['model', { model: 7 }],
    ['model', { model: 'm'.repeat(513) }],
    ['messages', { messages: undefined }],
    ['messages', { messages: [] }],
    ['messages', { messages: 'Hi' }],
    ['messages[0].role', { messages: [{ ...invalidMessage, role: 'critic' }] }],
    ['messages[0].content', { messages: [{ role: 'user' }] }],
    ['messages[0].content', user(7)],
    ['messages[0].content', user([])],
    [
      'messages[0].content[1].type',
      user([
        { type: 'text', text: 'a' },
        { type: 'input_audio', input_audio: {} },
      ]),
    ],
    ['messages[0].content[0].text', user([{ type: 'text' }])],
    ['messages[0].name', user('Hi', { name: 7 })],
    ['messages[0].audio', user('Hi', { audio: { id: 'a' } })],
    ['messages[0].colour', user('Hi', { colour: 'red' })],
    ['temperature', { temperature: 2.1 }],
    ['temperature', { temperature: '1' }],
    ['top_p', { top_p: 0 }],
    ['top_k', { top_k: -1 }],
    ['min_p', { min_p: 2 }],
    ['max_tokens', { max_tokens: 0 }],
    ['max_tokens', { max_tokens: 2 ** 31 }],
    ['top_k', { top_k: 2 ** 31 }],
    ['max_completion_tokens', { max_completion_tokens: 1.5 }],
    ['max_tokens', { max_tokens: 5, max_completion_tokens: 6 }],
    ['stop', { stop: ['a', 'b', 'c', 'd', 'e'] }],
    ['stop', { stop: '' }],
    ['stop[1]', { stop: ['a', 1] }],
    ['seed', { seed: 1.5 }],
    ['presence_penalty', { presence_penalty: 3 }],
    ['frequency_penalty', { frequency_penalty: -3 }],
    ['repetition_penalty', { repetition_penalty: 0.001 }],
    ['repetition_penalty', { repetition_penalty: 10.5 }],
    ['stop', { stop: 'x'.repeat(1025) }],
    ['logit_bias', { logit_bias: Object.fromEntries(Array.from({ length: 1025 }, (_, i) => [i, 1])) }],
    ['logit_bias.50', { logit_bias: { 50: 101 } }],
    ['logit_bias.dog', { logit_bias: { dog: 1 } }],
    ['logit_bias.007', { logit_bias: { '007': 1 } }],
    ['n', { n: 0 }],
    ['n', { n: 17 }],
    ['logprobs', { logprobs: 5 }],
    ['top_logprobs', { logprobs: true, top_logprobs: 21 }],
    ['top_logprobs', { top_logprobs: 2 }],
    ['stream', { stream: 'yes' }],
    ['stream_options.include_usage', { stream: true, stream_options: { include_usage: 1 } }],
    ['session_id', { session_id: 5 }],
    ['verbosity', { verbosity: 'low' }],
    ['web_search_options', { web_search_options: {} }],
    ['modalities', { modalities: ['audio'] }],
    ['audio', { audio: { voice: 'alloy' } }],
    ['suffix', { suffix: 'end' }],
    ['num_ctx', { num_ctx: 4096 }],
    ['__proto__', JSON.parse('{"__proto__": {"model": "x"}}')],
  ])('%s: %j', async (param, more) => {
    const door = await openDoor()
    // Spelled out, because a spread would lose a key named __proto__.
    const body = Object.fromEntries([...Object.entries(hello), ...Object.entries(more)])
    const { status, json } = await post(door, '/v1/chat/completions', body)
    expect({ status, json }).toMatchObject({
      status: 400,
      json: { error: { type: 'invalid_request_error', param, message: expect.stringContaining(param) } },
    })
    expect(door.mesh.asked).toEqual([])
  })
})

test.each<[string, object]>([
  ['prompt', {}],
  ['prompt', { prompt: [] }],
  ['prompt', { prompt: 5 }],
  ['prompt[1]', { prompt: ['a', 2] }],
  ['prompt[0]', { prompt: [-1] }],
  ['prompt', { prompt: Array.from({ length: 100 }, () => 'a'), n: 2 }],
  ['logprobs', { prompt: 'a', logprobs: 6 }],
  ['max_tokens', { prompt: 'a', max_tokens: -1 }],
  ['suffix', { prompt: 'a', suffix: 'z' }],
  ['best_of', { prompt: 'a', best_of: 1, n: 2 }],
  ['best_of', { prompt: 'a', best_of: 21 }],
  ['best_of', { prompt: 'a', best_of: 2, stream: true }],
  ['prompt', { prompt: Array.from({ length: 8 }, () => 'a'), best_of: 20 }],
  ['tools', { prompt: 'a', tools: [] }],
  ['messages', { prompt: 'a', messages: [] }],
])('a completion request with a bad %s is refused: %j', async (param, body) => {
  const { status, json } = await complete(await openDoor(), body)
  expect({ status, json }).toMatchObject({ status: 400, json: { error: { param } } })
})

test('parameters that cannot change the answer are accepted, and null means absent', async () => {
  const door = await openDoor()
  const { status } = await chat(door, {
    user: 'ada',
    store: false,
    metadata: { a: 'b' },
    service_tier: 'auto',
    parallel_tool_calls: true,
    prompt_cache_key: 'k',
    safety_identifier: 's',
    tools: [],
    tool_choice: 'auto',
    response_format: { type: 'text' },
    temperature: null,
    max_tokens: null,
    stop: null,
    n: null,
    stream_options: null,
    logprobs: null,
    reasoning_effort: null,
    messages: [
      { role: 'assistant', content: 'Hello', refusal: null, annotations: [], audio: null, tool_calls: null },
      { role: 'user', content: 'Hi', name: null },
    ],
  })
  expect(status).toBe(200)
  const { temperature, maxTokens, stop } = door.mesh.asked[0] ?? {}
  expect({ temperature, maxTokens, stop }).toEqual({})
})

test('every sampling parameter of a chat reaches the Mac that answers it', async () => {
  const door = await openDoor()
  const body = {
    messages: [
      { role: 'developer', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Good ' },
          { type: 'text', text: 'day' },
        ],
      },
    ],
    temperature: 0.5,
    top_p: 0.9,
    top_k: 40,
    min_p: 0.05,
    max_tokens: 7,
    max_completion_tokens: 7,
    stop: 'END',
    seed: 42,
    presence_penalty: 0.1,
    frequency_penalty: 0.2,
    repetition_penalty: 1.1,
    logit_bias: { 50256: -100 },
    logprobs: true,
    top_logprobs: 3,
  }
  await chat(door, body, { 'x-request-id': 'mine-1', 'x-session-id': 'talk-7' })
  expect(door.mesh.asked).toEqual([
    {
      modelId: 'org/tiny',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Good day' },
      ],
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      minP: 0.05,
      maxTokens: 7,
      fitContext: true,
      stop: ['END'],
      seed: 42,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      repetitionPenalty: 1.1,
      logitBias: { 50256: -100 },
      logprobs: 3,
      sessionId: 'talk-7',
      traceId: 'mine-1',
    },
  ])
})

test('a session named in the body goes before one in the header', async () => {
  const door = await openDoor()
  await chat(door, { session_id: 'body' }, { 'x-session-id': 'header' })
  expect(door.mesh.asked[0]?.sessionId).toBe('body')
})

test.each<[unknown, unknown[]]>([
  ['one', ['one']],
  [
    ['one', 'two'],
    ['one', 'two'],
  ],
  [[1, 2, 3], [[1, 2, 3]]],
  [
    [[1, 2], [3]],
    [[1, 2], [3]],
  ],
])(
  'a completion accepts the prompt %j and generates 16 tokens unless told otherwise',
  async (prompt, prompts) => {
    const door = await openDoor()
    await complete(door, { prompt, echo: true, logprobs: 0 })
    expect(door.mesh.asked.map(sequence => sequence.prompt)).toEqual(prompts)
    expect(door.mesh.asked[0]).toMatchObject({ maxTokens: 16, echo: true, logprobs: 0 })
  },
)

const many = <T>(value: T) => Array.from({ length: 4_000_000 }, () => value)

test.each<[string, string, object]>([
  ['a prompt of truths', 'prompt', { prompt: many(true) }],
  ['a prompt of negative token ids', 'prompt[0][0]', { prompt: [many(-1)] }],
  ['a prompt that turns bad at its end', 'prompt[4000000]', { prompt: [...many(1), -1] }],
  ['a list of prompts without end', 'prompt', { prompt: many([1]) }],
  ['messages that are numbers', 'messages', { messages: many(1) }],
  ['a content of numbers', 'messages[0].content', user(many(1))],
  ['tool calls', 'messages[0].tool_calls', user('Hi', { tool_calls: many(1) })],
  ['stop strings', 'stop', { stop: many(1) }],
  ['tools', 'tools', { tools: many(1) }],
  ['choices', 'guided_choice', { guided_choice: many(1) }],
  [
    'biases',
    'logit_bias',
    { logit_bias: Object.fromEntries(Array.from({ length: 1e6 }, (_, i) => [`x${i}`, 1])) },
  ],
])('a body full of one mistake costs no more than its first: %s', async (_, param, more) => {
  const door = await openDoor({ limits: { bodyBytes: 64 << 20 } })
  const { status, json } = 'prompt' in more ? await complete(door, more) : await chat(door, more)
  expect({ status, json }).toMatchObject({ status: 400, json: { error: { param } } })
})
