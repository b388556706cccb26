import { describe, expect, test } from 'vitest'
import { openDoor } from '../support/open-door.ts'
import { asked, askMessage, streamedMessage } from './ask.ts'

test('a message is answered with its text, its reason to end, and tokens that count a cached prompt apart', async () => {
  const door = await openDoor()
  const { status, json, headers } = await askMessage(door)
  expect({ status, json }).toEqual({
    status: 200,
    json: {
      id: expect.stringMatching(/^msg_[0-9a-f]{32}$/),
      type: 'message',
      role: 'assistant',
      model: 'org/tiny',
      content: [{ type: 'text', text: 'Hello!', citations: null }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: {
        input_tokens: 3,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 2,
        output_tokens: 3,
      },
    },
  })
  expect(headers.get('request-id')).toBe(headers.get('x-request-id'))
  expect(door.records).toMatchObject([{ modelId: 'org/tiny', promptTokens: 5, tokensGenerated: 3 }])
})

test('thinking, text and calls are blocks, whose arguments are values', async () => {
  const door = await openDoor()
  door.mesh.script.finishReason = 'tool_calls'
  door.mesh.script.tokens = [
    [{ type: 'reasoning', text: 'Hm' }],
    'Let me look.',
    [
      { type: 'call', id: 'call_1', name: 'look' },
      { type: 'arguments', text: '{"at":' },
    ],
    [{ type: 'arguments', text: '"x"}' }],
  ]
  const { json } = await askMessage(door)
  expect(json).toMatchObject({
    content: [
      { type: 'thinking', thinking: 'Hm', signature: '' },
      { type: 'text', text: 'Let me look.' },
      { type: 'tool_use', id: 'call_1', name: 'look', input: { at: 'x' } },
    ],
    stop_reason: 'tool_use',
  })
  const hidden = await askMessage(door, {
    thinking: { type: 'enabled', budget_tokens: 9, display: 'omitted' },
  })
  expect(hidden.json).toMatchObject({ content: [{ type: 'thinking', thinking: '' }, {}, {}] })
})

test('a call whose arguments were cut off keeps what there is of them', async () => {
  const door = await openDoor()
  door.mesh.script.finishReason = 'length'
  door.mesh.script.tokens = [
    [
      { type: 'call', id: 'call_1', name: 'look' },
      { type: 'arguments', text: '{"at":' },
    ],
  ]
  expect((await askMessage(door, { max_tokens: 1 })).json).toMatchObject({
    content: [{ type: 'tool_use', input: { unreadable_arguments: '{"at":' } }],
    stop_reason: 'max_tokens',
  })
})

test('an answer that has filled the context before it had as many tokens as it may says so', async () => {
  const door = await openDoor()
  door.mesh.script.finishReason = 'length'
  const stop_reason = 'model_context_window_exceeded'
  expect((await askMessage(door, { max_tokens: 32_000 })).json).toMatchObject({ stop_reason })
  const events = await streamedMessage(door, { max_tokens: 32_000 })
  expect(events.find(({ type }) => type === 'message_delta')).toMatchObject({ delta: { stop_reason } })
  expect(door.mesh.asked).toMatchObject([{ fitContext: true }, { fitContext: true }])
})

test('the stop string that ended an answer is named', async () => {
  const door = await openDoor()
  door.mesh.script.stop = 'END'
  expect((await askMessage(door, { stop_sequences: ['END'] })).json).toMatchObject({
    stop_reason: 'stop_sequence',
    stop_sequence: 'END',
  })
  const events = await streamedMessage(door, { stop_sequences: ['END'] })
  expect(events.at(-2)).toMatchObject({ delta: { stop_reason: 'stop_sequence', stop_sequence: 'END' } })
})

test('a stream begins and ends its message and its only block, and forwards ready text as it is', async () => {
  const door = await openDoor()
  const events = await streamedMessage(door)
  expect(events).toEqual([
    {
      type: 'message_start',
      message: {
        id: expect.any(String),
        type: 'message',
        role: 'assistant',
        model: 'org/tiny',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: {
          input_tokens: 3,
          cache_creation_input_tokens: 0,
          cache_read_input_tokens: 2,
          output_tokens: 0,
        },
      },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '', citations: null } },
    ...['Hel', 'lo', '!'].map(text => ({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'text_delta', text },
    })),
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: {
        input_tokens: 3,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 2,
        output_tokens: 3,
      },
    },
    { type: 'message_stop' },
  ])
  expect(door.mesh.asked[0]?.render?.head).toContain('"text":')
})

test('a stream numbers its blocks: thinking, text behind it, and each call', async () => {
  const door = await openDoor()
  door.mesh.script.finishReason = 'tool_calls'
  door.mesh.script.tokens = [
    [{ type: 'reasoning', text: 'Hm' }],
    [
      { type: 'reasoning', text: '.' },
      { type: 'text', text: 'Lé' },
    ],
    't me "look".\n',
    [
      { type: 'call', id: 'c1', name: 'look' },
      { type: 'arguments', text: '{}' },
      { type: 'call', id: 'c2', name: 'look' },
      { type: 'arguments', text: '{}' },
    ],
  ]
  const events = await streamedMessage(door)
  const told = events.slice(1, -2).map(event => {
    const { type, index, content_block: block, delta } = event
    const { type: kind, ...said } = block ?? delta ?? { type: '' }
    return [type.replace('content_block_', ''), index, kind, ...Object.values(said)]
  })
  expect(told).toEqual([
    ['start', 0, 'thinking', '', ''],
    ['delta', 0, 'thinking_delta', 'Hm'],
    ['delta', 0, 'thinking_delta', '.'],
    ['delta', 0, 'signature_delta', ''],
    ['stop', 0, ''],
    ['start', 1, 'text', '', null],
    ['delta', 1, 'text_delta', 'Lé'],
    ['delta', 1, 'text_delta', 't me "look".\n'],
    ['stop', 1, ''],
    ['start', 2, 'tool_use', 'c1', 'look', {}],
    ['delta', 2, 'input_json_delta', '{}'],
    ['stop', 2, ''],
    ['start', 3, 'tool_use', 'c2', 'look', {}],
    ['delta', 3, 'input_json_delta', '{}'],
    ['stop', 3, ''],
  ])
})

describe('what is asked for reaches the Mac that answers it:', () => {
  const reaching = async (more: object) => {
    const door = await openDoor()
    const { status, json } = await askMessage(door, more)
    expect({ status, json }).toMatchObject({ status: 200 })
    return door.mesh.asked[0]
  }

  test('every parameter', async () => {
    const sequence = await reaching({
      system: [
        { type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } },
        { type: 'text', text: 'Be kind.' },
      ],
      temperature: 0.5,
      top_p: 0.9,
      top_k: 40,
      stop_sequences: ['END'],
      thinking: { type: 'enabled', budget_tokens: 2000 },
      output_config: { effort: 'xhigh', format: { type: 'json_schema', schema: { type: 'object' } } },
      tools: [
        { name: 'look', description: 'Looks', input_schema: { type: 'object' }, cache_control: null },
        { type: 'custom', name: 'go', input_schema: { type: 'object' }, strict: true },
      ],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
      metadata: { user_id: 'ada' },
      service_tier: 'auto',
      context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
    })
    expect(sequence).toMatchObject({
      modelId: 'org/tiny',
      messages: [
        { role: 'system', content: 'Be brief.\n\nBe kind.' },
        { role: 'user', content: 'Hi' },
      ],
      maxTokens: 64,
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      stop: ['END'],
      thinking: { enabled: true, effort: 'high' },
      format: { type: 'json_schema', schema: { type: 'object' } },
      tools: [
        { name: 'look', description: 'Looks', parameters: { type: 'object' } },
        { name: 'go', parameters: { type: 'object' }, strict: true },
      ],
      toolChoice: 'required',
      parallelToolCalls: false,
    })
  })

  test.each([
    [undefined, { enabled: false }],
    [{ type: 'disabled' }, { enabled: false }],
    [{ type: 'adaptive' }, {}],
  ])('thinking that is %j', async (thinking, reached) => {
    expect((await reaching({ thinking }))?.thinking).toEqual(reached)
  })

  test.each([
    [{ type: 'auto' }, 'auto'],
    [{ type: 'none' }, 'none'],
    [{ type: 'tool', name: 'look' }, { name: 'look' }],
  ])('a choice of tools that is %j', async (tool_choice, toolChoice) => {
    const tools = [{ name: 'look', input_schema: { type: 'object' } }]
    expect(await reaching({ tools, tool_choice })).toMatchObject({ toolChoice })
  })

  test('a conversation with thinking, calls, their results, images and neighbours of one role', async () => {
    const source = { type: 'base64', media_type: 'image/png', data: 'aGk=' }
    const sequence = await reaching({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image', source },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Look.', signature: '' },
            { type: 'redacted_thinking', data: 'x' },
            { type: 'text', text: 'I look.', citations: null },
            { type: 'tool_use', id: 't1', name: 'look', input: { at: 1 }, caller: { type: 'direct' } },
            { type: 'tool_use', id: 't2', name: 'go', input: {} },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 't1', content: 'A cat', is_error: false },
            {
              type: 'tool_result',
              tool_use_id: 't2',
              content: [
                { type: 'text', text: 'no way' },
                { type: 'image', source },
              ],
              is_error: true,
            },
            { type: 'text', text: 'And?' },
          ],
        },
        { role: 'user', content: 'Well?' },
      ],
    })
    expect(sequence?.messages).toEqual([
      { role: 'user', content: 'What is this?', images: ['data:image/png;base64,aGk='] },
      {
        role: 'assistant',
        content: 'I look.',
        reasoning: 'Look.',
        toolCalls: [
          { id: 't1', name: 'look', arguments: '{"at":1}' },
          { id: 't2', name: 'go', arguments: '{}' },
        ],
      },
      { role: 'tool', content: 'A cat', toolCallId: 't1', name: 'look' },
      {
        role: 'tool',
        content: 'Error: no way',
        images: ['data:image/png;base64,aGk='],
        toolCallId: 't2',
        name: 'go',
      },
      { role: 'user', content: 'And?\n\nWell?' },
    ])
  })
})

const block = (content: unknown, role = 'user') => ({ messages: [{ role, content: [content] }] })
const tool = (more: object) => ({ tools: [{ name: 'a', input_schema: {}, ...more }] })

describe('what is not supported is refused by its name:', () => {
  test.each<[string, object]>([
    ['max_tokens', { max_tokens: null }],
    ['max_tokens', { max_tokens: -1 }],
    ['messages', { messages: [] }],
    ['messages[0].role', { messages: [{ role: 'tool', content: 'x' }] }],
    ['messages[1].role', { messages: [...asked.messages, { role: 'assistant', content: 'Well,' }] }],
    ['messages[0].content[0].type', block({ type: 'document', source: {} })],
    ['messages[0].content[0].type', block({ type: 'server_tool_use' }, 'assistant')],
    ['messages[0].content[0].source.type', block({ type: 'image', source: { type: 'file', file_id: 'f' } })],
    ['messages[0].content[0].tool_use_id', block({ type: 'tool_result', tool_use_id: 't' })],
    ['temperature', { temperature: 1.5 }],
    ['stop_sequences', { stop_sequences: Array(17).fill('x') }],
    ['tools[0].type', { tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 5 }] }],
    ['tools[0].input_schema', { tools: [{ name: 'a' }] }],
    ['tools[0].name', tool({ name: 'a b' })],
    ['tools[0].input_examples', tool({ input_examples: [{}] })],
    ['tool_choice.name', { ...tool({}), tool_choice: { type: 'tool', name: 'b' } }],
    ['tool_choice', { tool_choice: { type: 'any' } }],
    ['thinking.type', { thinking: { type: 'between_tools' } }],
    ['container', { container: 'c' }],
    ['mcp_servers', { mcp_servers: [{}] }],
    ['context_management', { context_management: { edits: [{ type: 'compact_20260112' }] } }],
    ['output_config.task_budget', { output_config: { task_budget: {} } }],
    ['n', { n: 2 }],
  ])('%s: %j', async (param, more) => {
    const door = await openDoor()
    const { status, json } = await askMessage(door, more)
    expect({ status, json }).toMatchObject({
      status: 400,
      json: {
        type: 'error',
        error: { type: 'invalid_request_error', message: expect.stringContaining(param) },
        request_id: expect.stringMatching(/^req_/),
      },
    })
    expect(door.mesh.asked).toEqual([])
  })
})

test.each([
  [
    'messages[0].content[0].input',
    (input: object) => block({ type: 'tool_use', id: 't', name: 'a', input }, 'assistant'),
  ],
  ['tools[0].input_schema', (input_schema: object) => tool({ input_schema })],
  [
    'output_config.format.schema',
    (schema: object) => ({ output_config: { format: { type: 'json_schema', schema } } }),
  ],
])('%s that is nested without end is refused', async (param, asking) => {
  let nested = {}
  for (let level = 0; level < 1000; level++) nested = { a: nested }
  const { status, json } = await askMessage(await openDoor(), asking(nested))
  expect({ status, json }).toMatchObject({
    status: 400,
    json: { error: { message: expect.stringContaining(param) } },
  })
})
