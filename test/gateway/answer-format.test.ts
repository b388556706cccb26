// What an answer has to look like, and how much is to be thought before it: in the words of OpenAI and of other servers.
import { expect, test } from 'vitest'
import { chat, complete, post } from './support/ask.ts'
import { openDoor } from './support/open-door.ts'

const schema = { type: 'object', properties: { a: { type: 'string' } } }
const named = { type: 'json_schema', json_schema: { name: 'x', schema, strict: true, description: 'An a' } }

const formats: [object, object][] = [
  [{ response_format: named }, { type: 'json_schema', schema }],
  [{ response_format: { type: 'json_object' } }, { type: 'json_object' }],
  [{ response_format: { type: 'json_object', schema } }, { type: 'json_schema', schema }],
  [{ structured_outputs: { json: schema } }, { type: 'json_schema', schema }],
  [{ structured_outputs: { json: JSON.stringify(schema) } }, { type: 'json_schema', schema }],
  [{ structured_outputs: { regex: 'a+' } }, { type: 'regex', pattern: 'a+' }],
  [{ structured_outputs: { choice: ['yes', '1+1'] } }, { type: 'regex', pattern: 'yes|1\\+1' }],
  [{ structured_outputs: { grammar: 'start: "a"' } }, { type: 'lark', grammar: 'start: "a"' }],
  [{ structured_outputs: { json_object: true } }, { type: 'json_object' }],
  [{ guided_json: schema }, { type: 'json_schema', schema }],
  [{ guided_regex: '[0-9]' }, { type: 'regex', pattern: '[0-9]' }],
  [{ guided_choice: ['a', 'b|c'] }, { type: 'regex', pattern: 'a|b\\|c' }],
  [{ guided_grammar: 'start: /a/' }, { type: 'lark', grammar: 'start: /a/' }],
  [{ json_schema: schema }, { type: 'json_schema', schema }],
  [{ grammar: 'start: /a/' }, { type: 'lark', grammar: 'start: /a/' }],
]

test.each(formats)(
  'the format %j reaches the Mac that answers, for chats and completions',
  async (more, format) => {
    const door = await openDoor()
    expect((await chat(door, more)).status).toBe(200)
    expect((await complete(door, { prompt: 'Hi', ...more })).status).toBe(200)
    expect(door.mesh.asked.map(asked => asked.format)).toMatchObject([format, format])
  },
)

test('a Mac knows what the client called the format, for its complaints', async () => {
  const door = await openDoor()
  for (const [more] of formats) await chat(door, more)
  const names = door.mesh.asked.map(asked => asked.format?.param)
  expect(names.slice(0, 5)).toEqual([
    'response_format.json_schema.schema',
    'response_format',
    'response_format.schema',
    'structured_outputs.json',
    'structured_outputs.json',
  ])
  expect(names.at(-1)).toBe('grammar')
})

test.each<[string, object]>([
  ['response_format', { response_format: 'json' }],
  ['response_format.type', { response_format: { type: 'xml' } }],
  ['response_format.json_schema', { response_format: { type: 'json_schema' } }],
  [
    'response_format.json_schema.schema',
    { response_format: { type: 'json_schema', json_schema: { name: 'x' } } },
  ],
  [
    'response_format.json_schema.schema',
    { response_format: { type: 'json_schema', json_schema: { name: 'x', schema: [] } } },
  ],
  ['structured_outputs.structural_tag', { structured_outputs: { structural_tag: '{}' } }],
  ['structured_outputs.choice', { structured_outputs: { choice: [] } }],
  ['structured_outputs.json', { structured_outputs: { json: '{' } }],
  ['guided_choice[1]', { guided_choice: ['a', ''] }],
  ['guided_json', { guided_json: '7' }],
  ['guided_regex', { response_format: named, guided_regex: 'a' }],
  ['structured_outputs.regex', { structured_outputs: { json: schema, regex: 'a' } }],
  ['grammar', { grammar: 'root ::= "yes" | "no"' }],
])('a bad %s is refused with 400: %j', async (param, more) => {
  const door = await openDoor()
  const error = { param, message: expect.stringContaining(param) }
  expect(await chat(door, more)).toMatchObject({ status: 400, json: { error } })
  expect(await complete(door, { prompt: 'Hi', ...more })).toMatchObject({ status: 400, json: { error } })
  expect(door.mesh.asked).toEqual([])
})

test('a grammar in the words of llama.cpp is refused with a word of what is taken here', async () => {
  const { json } = await chat(await openDoor(), { grammar: 'root ::= "yes" | "no"' })
  expect(json).toMatchObject({ error: { message: expect.stringMatching(/GBNF.*Lark/) } })
})

test.each<[object, object | undefined]>([
  [{}, undefined],
  [{ reasoning_effort: 'high' }, { enabled: true, effort: 'high' }],
  [{ reasoning_effort: 'minimal' }, { enabled: true, effort: 'minimal' }],
  [{ reasoning_effort: 'none' }, { enabled: false }],
  [{ enable_thinking: true }, { enabled: true }],
  [{ chat_template_kwargs: { enable_thinking: false } }, { enabled: false }],
  [
    { reasoning_effort: 'low', enable_thinking: true },
    { enabled: true, effort: 'low' },
  ],
])('%j says how much is thought before the answer', async (more, thinking) => {
  const door = await openDoor()
  expect((await chat(door, more)).status).toBe(200)
  expect(door.mesh.asked[0]?.thinking).toEqual(thinking)
})

test.each<[string, object]>([
  ['reasoning_effort', { reasoning_effort: 'much' }],
  ['reasoning_effort', { reasoning_effort: 'none', enable_thinking: true }],
  [
    'chat_template_kwargs.enable_thinking',
    { enable_thinking: true, chat_template_kwargs: { enable_thinking: false } },
  ],
  ['chat_template_kwargs.colour', { chat_template_kwargs: { colour: 'red' } }],
])('a bad %s is refused with 400: %j', async (param, more) => {
  expect(await chat(await openDoor(), more)).toMatchObject({ status: 400, json: { error: { param } } })
})

test('a schema that is nested without end is refused, wherever it stands', async () => {
  const text = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`
  const bodies: [string, string][] = [
    ['guided_json', `"guided_json": ${text}`],
    ['structured_outputs.json', `"structured_outputs": { "json": ${JSON.stringify(text)} }`],
    [
      'response_format.json_schema.schema',
      `"response_format": { "type": "json_schema", "json_schema": { "name": "x", "schema": ${text} } }`,
    ],
    [
      'tools[0].function.parameters',
      `"tools": [{ "type": "function", "function": { "name": "x", "parameters": ${text} } }]`,
    ],
  ]
  const door = await openDoor()
  for (const [param, asked] of bodies) {
    const body = `{ "model": "org/tiny", "messages": [{ "role": "user", "content": "Hi" }], ${asked} }`
    expect(await post(door, '/v1/chat/completions', body)).toMatchObject({
      status: 400,
      json: { error: { param } },
    })
  }
  expect(door.mesh.asked).toEqual([])
})
