import { expect, test } from 'vitest'
import { get } from '../support/ask.ts'
import { openDoor } from '../support/open-door.ts'
import { hi, inputItems, refused, respond } from './ask.ts'

const weather = { type: 'function', name: 'weather', parameters: { type: 'object' } }

test('items become the messages of a chat: one turn of an assistant is one message', async () => {
  const door = await openDoor()
  await respond(door, {
    instructions: 'Be brief.',
    input: [
      { role: 'developer', content: 'In English.' },
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_text', text: 'Rome ' },
          { type: 'input_text', text: 'and Oslo?' },
        ],
      },
      {
        type: 'reasoning',
        id: 'rs_1',
        summary: [],
        content: [{ type: 'reasoning_text', text: 'Two.' }],
        encrypted_content: null,
      },
      {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        status: 'completed',
        phase: null,
        content: [{ type: 'output_text', text: 'I ask.', annotations: [], logprobs: [], parsed: null }],
      },
      {
        type: 'function_call',
        id: 'fc_1',
        call_id: 'call_1',
        name: 'weather',
        arguments: '{"city":"Rome"}',
        parsed_arguments: { city: 'Rome' },
        status: 'completed',
      },
      { type: 'function_call', call_id: 'call_2', name: 'weather', arguments: '{"city":"Oslo"}' },
      { type: 'function_call_output', call_id: 'call_2', output: 'snow' },
      { type: 'function_call_output', call_id: 'call_1', output: [{ type: 'input_text', text: 'sun' }] },
      { role: 'assistant', content: 'Snow and sun.' },
      { role: 'assistant', content: [{ type: 'refusal', refusal: 'No more.' }] },
    ],
  })
  expect(door.mesh.asked[0]?.messages).toEqual([
    { role: 'system', content: 'Be brief.' },
    { role: 'system', content: 'In English.' },
    { role: 'user', content: 'Rome and Oslo?' },
    {
      role: 'assistant',
      content: 'I ask.',
      reasoning: 'Two.',
      toolCalls: [
        { id: 'call_1', name: 'weather', arguments: '{"city":"Rome"}' },
        { id: 'call_2', name: 'weather', arguments: '{"city":"Oslo"}' },
      ],
    },
    { role: 'tool', content: 'snow', toolCallId: 'call_2', name: 'weather' },
    { role: 'tool', content: 'sun', toolCallId: 'call_1', name: 'weather' },
    { role: 'assistant', content: 'Snow and sun.' },
    { role: 'assistant', content: 'No more.' },
  ])
})

test('of thinking that is only summed up the summary is what the model had thought', async () => {
  const door = await openDoor()
  const summary = [{ type: 'summary_text', text: 'It rains.' }]
  await respond(door, {
    input: [
      { type: 'reasoning', id: 'rs_1', summary },
      { role: 'assistant', content: 'Yes.' },
    ],
  })
  expect(door.mesh.asked[0]?.messages).toEqual([
    { role: 'assistant', content: 'Yes.', reasoning: 'It rains.' },
  ])
})

test('items that come twice with one id are listed with two', async () => {
  const door = await openDoor()
  const twin = { type: 'message', id: 'msg_1', role: 'user', content: 'Hi' }
  const { data } = await inputItems(door, (await respond(door, { input: [twin, twin] })).id)
  expect(new Set(data.map(({ id }) => id)).size).toBe(2)
})

test('pictures travel beside the text of their message', async () => {
  const door = await openDoor()
  const image_url = 'data:image/png;base64,aGVsbG8='
  const content = [
    { type: 'input_text', text: 'What is it?' },
    { type: 'input_image', image_url, detail: 'low' },
  ]
  const { id } = await respond(door, { input: [{ role: 'user', content }] })
  expect(door.mesh.asked[0]?.messages).toEqual([
    { role: 'user', content: 'What is it?', images: [image_url] },
  ])
  expect(await inputItems(door, id)).toMatchObject({
    data: [{ content: [{}, { image_url, detail: 'auto' }] }],
  })
})

test.each<[string, unknown]>([
  ['input', undefined],
  ['input', 5],
  ['input', []],
  ['input[0].type', [{ type: 'web_search_call', id: 'ws_1' }]],
  ['input[0].role', [{ role: 'tool', content: 'x' }]],
  ['input[1].content', [{ role: 'user', content: 'x' }, { role: 'user' }]],
  [
    'input[0].content[1].type',
    [
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'a' },
          { type: 'input_file', file_id: 'f' },
        ],
      },
    ],
  ],
  [
    'input[0].content[0].file_id',
    [
      {
        role: 'user',
        content: [{ type: 'input_image', image_url: 'data:image/png;base64,aGVsbG8=', file_id: 'f' }],
      },
    ],
  ],
  [
    'input[0].content[0].image_url',
    [{ role: 'user', content: [{ type: 'input_image', image_url: 'ftp://example.org/a.png' }] }],
  ],
  ['input[0].call_id', [{ type: 'function_call', name: 'weather', arguments: '{}' }]],
  ['input[0].encrypted_content', [{ type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAA' }]],
  ['input[0].mood', [{ role: 'user', content: 'x', mood: 'good' }]],
  ['input', [{ type: 'function_call_output', call_id: 'call_9', output: 'x' }]],
])('input with a bad %s is refused: %j', async (param, input) => {
  const door = await openDoor()
  const { status, json } = await refused(door, { input })
  expect({ status, json }).toMatchObject({ status: 400, json: { error: { param } } })
  expect(door.mesh.asked).toEqual([])
})

test('an item may be referred to by its id instead of being sent again', async () => {
  const door = await openDoor()
  door.mesh.script.tokens = [
    [{ type: 'reasoning', text: 'Look.' }],
    [
      { type: 'call', id: 'call_1', name: 'weather' },
      { type: 'arguments', text: '{}' },
    ],
  ]
  const asked = { ...weather, defer_loading: false, allowed_callers: ['direct'] }
  const { output } = await respond(door, { tools: [asked] })
  const input = [
    { role: 'user', content: 'Hi' },
    ...output.map(({ id }) => ({ type: 'item_reference', id })),
    { type: 'function_call_output', call_id: 'call_1', output: 'sun' },
  ]
  const { id } = await respond(door, { input })
  expect(door.mesh.asked[1]?.messages).toEqual([
    { role: 'user', content: 'Hi' },
    {
      role: 'assistant',
      content: '',
      reasoning: 'Look.',
      toolCalls: [{ id: 'call_1', name: 'weather', arguments: '{}' }],
    },
    { role: 'tool', content: 'sun', toolCallId: 'call_1', name: 'weather' },
  ])
  expect((await inputItems(door, id, '?order=asc')).data.map(item => item.type)).toEqual([
    'message',
    'reasoning',
    'function_call',
    'function_call_output',
  ])
  const [said] = (await inputItems(door, id, '?order=asc')).data
  await respond(door, { input: [{ id: said?.id }] })
  expect(door.mesh.asked[2]?.messages).toEqual([{ role: 'user', content: 'Hi' }])
  expect(await refused(door, { input: [{ id: 'msg_unknown' }] })).toMatchObject({
    status: 404,
    json: { error: { param: 'input', message: expect.stringContaining("'msg_unknown' not found") } },
  })
})

test('what a response was asked is listed page by page, the latest first', async () => {
  const door = await openDoor()
  const input = ['a', 'b', 'c'].map(content => ({ role: 'user', content }))
  const { id } = await respond(door, { input })
  const textsOf = (page: Awaited<ReturnType<typeof inputItems>>) =>
    JSON.stringify(page.data.map(item => item.content))
  const first = await inputItems(door, id, '?limit=2')
  expect(first.data).toMatchObject([{ content: [{ text: 'c' }] }, { content: [{ text: 'b' }] }])
  expect(first.has_more).toBe(true)
  const second = await inputItems(door, id, `?limit=2&after=${first.data[1]?.id}`)
  expect(textsOf(second)).toContain('"a"')
  expect(second.has_more).toBe(false)
  const answers = await Promise.all([
    get(door, `/v1/responses/${id}/input_items?limit=0`),
    get(door, `/v1/responses/${id}/input_items?order=up`),
    get(door, `/v1/responses/${id}/input_items?after=msg_other`),
    get(door, `/v1/responses/${id}?stream=true`),
    fetch(`${door.url}/v1/responses/${id}/cancel`, { method: 'POST' }),
    get(door, '/v1/responses/resp_unknown'),
  ])
  expect(answers.map(({ status }) => status)).toEqual([400, 400, 404, 400, 400, 404])
})

test('each parameter reaches the Mac that answers, and stands in the response', async () => {
  const door = await openDoor()
  const schema = { type: 'object', properties: { city: { type: 'string' } } }
  const asked = {
    max_output_tokens: 50,
    temperature: 0.5,
    top_p: 0.9,
    tools: [{ ...weather, description: 'How is it?', strict: true }],
    tool_choice: { type: 'function', name: 'weather' },
    parallel_tool_calls: false,
    text: { format: { type: 'json_schema', name: 'place', schema, strict: true }, verbosity: 'medium' },
    reasoning: { effort: 'low', summary: 'auto' },
    metadata: { topic: 'weather' },
    max_tool_calls: 3,
    truncation: 'disabled',
    prompt_cache_key: 'k',
    safety_identifier: 's',
    user: 'ada',
    background: false,
  }
  const ours = { top_k: 5, min_p: 0.1, seed: 7, session_id: 'mine' }
  const ignored = { service_tier: 'auto', include: ['reasoning.encrypted_content'], conversation: null }
  expect(await respond(door, { ...asked, ...ours, ...ignored })).toMatchObject(asked)
  expect(door.mesh.asked[0]).toMatchObject({
    maxTokens: 50,
    temperature: 0.5,
    topP: 0.9,
    topK: 5,
    minP: 0.1,
    seed: 7,
    sessionId: 'mine',
    tools: [{ name: 'weather', description: 'How is it?', parameters: { type: 'object' }, strict: true }],
    toolChoice: { name: 'weather' },
    parallelToolCalls: false,
    format: { type: 'json_schema', schema, param: 'text.format.schema' },
    thinking: { enabled: true, effort: 'low' },
  })
})

test('tools that are not allowed are not offered', async () => {
  const door = await openDoor()
  const tools = [weather, { ...weather, name: 'time' }]
  const tool_choice = { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'time' }] }
  expect(await respond(door, { tools, tool_choice })).toMatchObject({ tools, tool_choice })
  expect(door.mesh.asked[0]).toMatchObject({ tools: [{ name: 'time' }], toolChoice: 'required' })
})

test.each<[string, object]>([
  ['model', { model: null }],
  ['max_output_tokens', { max_output_tokens: 0 }],
  ['temperature', { temperature: 3 }],
  ['n', { n: 2 }],
  ['messages', { messages: [] }],
  ['tools[0].type', { tools: [{ type: 'web_search' }] }],
  ['tools[1].name', { tools: [weather, weather] }],
  ['tools[0].defer_loading', { tools: [{ ...weather, defer_loading: true }] }],
  ['tools[0].allowed_callers[0]', { tools: [{ ...weather, allowed_callers: ['programmatic'] }] }],
  ['tool_choice', { tool_choice: 'required' }],
  ['tool_choice.name', { tools: [weather], tool_choice: { type: 'function', name: 'time' } }],
  ['tool_choice.type', { tools: [weather], tool_choice: { type: 'web_search' } }],
  ['text.format.type', { text: { format: { type: 'xml' } } }],
  ['text.format.schema', { text: { format: { type: 'json_schema', name: 'a' } } }],
  ['text.format.schema', { text: { format: { type: 'json_schema', name: 'a', schema: nested(300) } } }],
  ['tools[0].parameters', { tools: [{ ...weather, parameters: nested(300) }] }],
  ['text.verbosity', { text: { verbosity: 'low' } }],
  ['reasoning.effort', { reasoning: { effort: 'huge' } }],
  ['include[0]', { include: ['everything'] }],
  ['top_logprobs', { top_logprobs: 21 }],
  ['metadata', { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, 'v'])) }],
  ['metadata.a', { metadata: { a: 1 } }],
  ['background', { background: true }],
  ['conversation', { conversation: 'conv_1' }],
  ['prompt', { prompt: { id: 'pmpt_1' } }],
  ['truncation', { truncation: 'auto' }],
  ['context_management', { context_management: [{ type: 'compaction' }] }],
  ['stream_options.include_usage', { stream_options: { include_usage: true } }],
])('a response with a bad %s is refused: %j', async (param, body) => {
  const door = await openDoor()
  const { status, json } = await refused(door, { ...hi, ...body })
  expect({ status, json }).toMatchObject({ status: 400, json: { error: { param } } })
  expect(door.mesh.asked).toEqual([])
})

function nested(levels: number): object {
  let schema = {}
  for (let level = 1; level < levels; level++) schema = { not: schema }
  return schema
}
