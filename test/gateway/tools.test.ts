// Tools over HTTP: what may be asked for, how it travels, and how calls are answered in OpenAI's words.
import { describe, expect, test } from 'vitest'
import type { Piece } from '../../main/protocol/inference.ts'
import { chat, hello, streamed } from './support/ask.ts'
import { type Door, openDoor } from './support/open-door.ts'
import { expectPublished } from './support/published.ts'

const parameters = { type: 'object', properties: { city: { type: 'string' } } }
const weather = {
  type: 'function',
  function: { name: 'weather', description: 'Now', parameters, strict: true },
}
const time = { type: 'function', function: { name: 'time' } }
const tools = [weather, time]
const named = (name: string) => ({ type: 'function', function: { name } })

const two: (string | Piece[])[] = [
  [{ type: 'reasoning', text: 'Which ' }],
  [{ type: 'reasoning', text: 'city?' }],
  [
    { type: 'call', id: 'call_a', name: 'weather' },
    { type: 'arguments', text: '{"city":' },
  ],
  [{ type: 'arguments', text: '"Rome"}' }],
  [
    { type: 'call', id: 'call_b', name: 'time' },
    { type: 'arguments', text: '{}' },
  ],
]

async function openCalling(): Promise<Door> {
  const door = await openDoor()
  Object.assign(door.mesh.script, { tokens: two, finishReason: 'tool_calls' })
  return door
}

describe('a chat with tools', () => {
  test('has its calls in the whole answer, which has no other content', async () => {
    const door = await openCalling()
    const { json } = await chat(door, { tools })
    expectPublished('CreateChatCompletionResponse', json)
    expect(json).toMatchObject({
      choices: [
        {
          message: {
            content: null,
            reasoning_content: 'Which city?',
            tool_calls: [
              { id: 'call_a', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } },
              { id: 'call_b', type: 'function', function: { name: 'time', arguments: '{}' } },
            ],
          },
          finish_reason: 'tool_calls',
        },
      ],
      usage: { completion_tokens: 5, completion_tokens_details: { reasoning_tokens: 2 } },
    })
  })

  test('streams the name of each call first, and then its arguments in pieces', async () => {
    const door = await openCalling()
    const more = { tools, stream_options: { include_usage: true } }
    const events = await streamed(door, '/v1/chat/completions', { ...hello, ...more })
    expect(events.pop()).toBe('[DONE]')
    for (const event of events) expectPublished('CreateChatCompletionStreamResponse', event)
    const chunks = events as Chunk[]
    expect(chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta))).toEqual([
      { role: 'assistant', content: '', refusal: null },
      { reasoning_content: 'Which ' },
      { reasoning_content: 'city?' },
      {
        tool_calls: [
          { index: 0, id: 'call_a', type: 'function', function: { name: 'weather', arguments: '' } },
        ],
      },
      { tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '"Rome"}' } }] },
      {
        tool_calls: [{ index: 1, id: 'call_b', type: 'function', function: { name: 'time', arguments: '' } }],
      },
      { tool_calls: [{ index: 1, function: { arguments: '{}' } }] },
      {},
    ])
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('tool_calls')
    expect(chunks.at(-1)).toMatchObject({
      usage: { completion_tokens: 5, completion_tokens_details: { reasoning_tokens: 2 } },
    })
  })

  test('that is asked in the older words is answered in them', async () => {
    const door = await openCalling()
    const functions = tools.map(tool => tool.function)
    const { json } = await chat(door, { functions, function_call: { name: 'weather' } })
    expectPublished('CreateChatCompletionResponse', json)
    const function_call = { name: 'weather', arguments: '{"city":"Rome"}' }
    expect(json).toMatchObject({ choices: [{ message: { function_call }, finish_reason: 'function_call' }] })
    expect(door.mesh.asked[0]).toMatchObject({
      tools: [weather.function, time.function],
      toolChoice: { name: 'weather' },
      parallelToolCalls: false,
    })
    const events = (await streamed(door, '/v1/chat/completions', { ...hello, functions })) as Chunk[]
    const deltas = events.flatMap(({ choices = [] }) => choices.map(({ delta }) => delta))
    expect(deltas.filter(delta => 'function_call' in delta)).toEqual([
      { function_call: { name: 'weather', arguments: '' } },
      { function_call: { arguments: '{"city":' } },
      { function_call: { arguments: '"Rome"}' } },
    ])
  })
})

interface Chunk {
  readonly choices: readonly { readonly delta: object; readonly finish_reason: string | null }[]
}

test.each<[unknown, unknown, unknown]>([
  [undefined, undefined, ['weather', 'time']],
  ['auto', 'auto', ['weather', 'time']],
  ['none', 'none', ['weather', 'time']],
  ['required', 'required', ['weather', 'time']],
  [named('time'), { name: 'time' }, ['weather', 'time']],
  [
    { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [named('time')] } },
    'required',
    ['time'],
  ],
])('tool_choice %j reaches the Mac that answers', async (tool_choice, toolChoice, names) => {
  const door = await openDoor()
  expect((await chat(door, { tools, tool_choice, parallel_tool_calls: false })).status).toBe(200)
  const [asked] = door.mesh.asked
  expect(asked).toMatchObject({ parallelToolCalls: false })
  expect(asked?.toolChoice).toEqual(toolChoice)
  expect(asked?.tools?.map(tool => tool.name)).toEqual(names)
})

test('a conversation with calls and their results reaches the Mac as it was', async () => {
  const door = await openDoor()
  const asked = { name: 'weather', arguments: '{}', parsed_arguments: {} }
  const call = { id: 'call_a', type: 'function', function: asked }
  const { status } = await chat(door, {
    tools,
    messages: [
      { role: 'user', content: 'Rome?', name: 'Ada' },
      { role: 'assistant', content: null, tool_calls: [{ ...call, index: 0 }], reasoning_content: 'Hm.' },
      {
        role: 'tool',
        tool_call_id: 'call_a',
        content: [{ type: 'text', text: 'sunny', prompt_cache_breakpoint: { mode: 'explicit' } }],
      },
      {
        role: 'assistant',
        content: 'Sunny.',
        reasoning: 'Easy.',
        tool_calls: [],
        refusal: null,
        parsed: null,
      },
      { role: 'user', content: 'And now?' },
      { role: 'assistant', function_call: { name: 'time', arguments: '{}' } },
      { role: 'function', name: 'time', content: 'noon' },
      { role: 'function', name: 'time', content: null },
    ],
  })
  expect(status).toBe(200)
  expect(door.mesh.asked[0]?.messages).toEqual([
    { role: 'user', content: 'Rome?', name: 'Ada' },
    {
      role: 'assistant',
      content: '',
      reasoning: 'Hm.',
      toolCalls: [{ id: 'call_a', name: 'weather', arguments: '{}' }],
    },
    { role: 'tool', content: 'sunny', toolCallId: 'call_a', name: 'weather' },
    { role: 'assistant', content: 'Sunny.', reasoning: 'Easy.' },
    { role: 'user', content: 'And now?' },
    { role: 'assistant', content: '', toolCalls: [{ id: 'call_5', name: 'time', arguments: '{}' }] },
    { role: 'tool', content: 'noon', toolCallId: 'call_5', name: 'time' },
    { role: 'tool', content: '', toolCallId: 'call_5', name: 'time' },
  ])
})

const asks = { role: 'user', content: 'Hi' }
const calls = (id: string) => ({
  role: 'assistant',
  tool_calls: [{ id, type: 'function', function: { name: 'time', arguments: '{}' } }],
})

test.each<[string, object]>([
  ['tools[0].type', { tools: [{ type: 'custom', custom: { name: 'x' } }] }],
  ['tools[1].type', { tools: [time, { type: 'web_search' }] }],
  ['tools[0].function', { tools: [{ type: 'function' }] }],
  ['tools[0].function.name', { tools: [{ type: 'function', function: { name: 'two words' } }] }],
  ['tools[0].function.name', { tools: [{ type: 'function', function: { name: 'x'.repeat(65) } }] }],
  [
    'tools[0].function.parameters',
    { tools: [{ type: 'function', function: { name: 'x', parameters: [] } }] },
  ],
  ['tools[0].function.colour', { tools: [{ type: 'function', function: { name: 'x', colour: 'red' } }] }],
  ['tools[1].function.name', { tools: [time, time] }],
  ['tools', { tools: Array.from({ length: 129 }, (_, i) => named(`tool${i}`)) }],
  ['tool_choice', { tools, tool_choice: 'any' }],
  ['tool_choice', { tool_choice: 'required' }],
  ['tool_choice', { tool_choice: named('time') }],
  ['tool_choice.type', { tools, tool_choice: { type: 'custom', custom: { name: 'x' } } }],
  ['tool_choice.function.name', { tools, tool_choice: named('nobody') }],
  [
    'tool_choice.allowed_tools.tools[0].function.name',
    {
      tools,
      tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [named('nobody')] } },
    },
  ],
  ['parallel_tool_calls', { tools, parallel_tool_calls: 'yes' }],
  ['functions', { tools, functions: [{ name: 'x' }] }],
  ['functions[1].name', { functions: [{ name: 'x' }, { name: 'x' }] }],
  ['function_call.name', { functions: [{ name: 'x' }], function_call: { name: 'y' } }],
  ['function_call', { function_call: { name: 'x' } }],
  ['function_call', { tools, function_call: { name: 'weather' } }],
  ['function_call', { tools, function_call: 'none' }],
  ['tool_choice', { functions: [{ name: 'x' }], tool_choice: 'required' }],
  ['functions[1].name', { tools: [], functions: [{ name: 'x' }, { name: 'x' }] }],
  ['messages[0].content', { messages: [{ role: 'assistant', content: null }] }],
  ['messages[0].tool_calls', { messages: [{ ...calls('a'), role: 'user', content: 'Hi' }] }],
  ['messages[0].tool_call_id', { messages: [{ ...asks, tool_call_id: 'a' }] }],
  ['messages[1].tool_call_id', { messages: [asks, { role: 'tool', content: 'x' }] }],
  ['messages[1].tool_call_id', { messages: [asks, { role: 'tool', content: 'x', tool_call_id: 'a' }] }],
  ['messages[1].tool_call_id', { messages: [calls('b'), { role: 'tool', content: 'x', tool_call_id: 'a' }] }],
  ['messages[1].content', { messages: [calls('a'), { role: 'tool', tool_call_id: 'a' }] }],
  ['messages[0].name', { messages: [{ role: 'function', content: 'x' }] }],
  [
    'messages[0].tool_calls[0].type',
    { messages: [{ role: 'assistant', tool_calls: [{ id: 'a', type: 'custom' }] }] },
  ],
])('a bad %s is refused with 400: %j', async (param, more) => {
  const door = await openDoor()
  const { status, json } = await chat(door, more)
  expectPublished('ErrorResponse', json)
  expect({ status, json }).toMatchObject({
    status: 400,
    json: { error: { param, message: expect.stringContaining(param) } },
  })
  expect(door.mesh.asked).toEqual([])
})

describe('a picture in a message', () => {
  const sent = (url: unknown, role = 'user') => ({
    messages: [
      {
        role,
        content: [
          { type: 'text', text: 'What is ' },
          { type: 'image_url', image_url: { url, detail: 'auto' } },
          { type: 'text', text: 'this?' },
        ],
      },
    ],
  })

  test('travels with its message', async () => {
    const door = await openDoor()
    const url = 'data:image/png;base64,iVBORw0KGgo='
    expect((await chat(door, sent(url))).status).toBe(200)
    expect(door.mesh.asked[0]?.messages).toEqual([{ role: 'user', content: 'What is this?', images: [url] }])
  })

  test.each<[string, unknown, string]>([
    ['that lies on the web', 'https://example.org/a.png', 'not fetched'],
    ['of an unknown kind', 'data:image/tiff;base64,AAAA', 'image/png'],
    ['that is no Base64', 'data:image/png;base64,A*AA', 'Base64'],
    ['that is empty', 'data:image/png;base64,', 'Base64'],
    ['without an address', 7, 'string'],
  ])('%s is refused', async (_, url, words) => {
    const { status, json } = await chat(await openDoor(), sent(url))
    const isOfTheWeb = String(url).startsWith('http')
    const param = isOfTheWeb ? 'messages[0].content' : 'messages[0].content[1].image_url.url'
    const message = expect.stringContaining(words)
    expect({ status, json }).toMatchObject({ status: 400, json: { error: { param, message } } })
  })

  test('of another role than the user is refused', async () => {
    const { status, json } = await chat(await openDoor(), sent('data:image/png;base64,AAAA', 'system'))
    expect({ status, json }).toMatchObject({
      status: 400,
      json: { error: { param: 'messages[0].content[1].type' } },
    })
  })
})
