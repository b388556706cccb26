import Anthropic, { BadRequestError, NotFoundError, RateLimitError } from '@anthropic-ai/sdk'
import { expect, test } from 'vitest'
import { MeshError } from '../../../main/protocol/errors.ts'
import { startMemoryMesh } from '../../support/mesh-in-memory.ts'
import { type Door, openDoor, viewWith } from '../support/open-door.ts'

const hello = { model: 'org/tiny', max_tokens: 64, messages: [{ role: 'user' as const, content: 'Hi' }] }

function clientOf({ url }: Door): Anthropic {
  return new Anthropic({ baseURL: url, apiKey: 'none', maxRetries: 0 })
}

/** Over the scripted engine, whose model is called `scripted`. */
async function meshClient(): Promise<Anthropic> {
  const { infer } = await startMemoryMesh()
  return clientOf(await openDoor({ infer }))
}

test("Anthropic's client gets a message, and the id of its request", async () => {
  const { data, response, request_id } = await clientOf(await openDoor())
    .messages.create(hello)
    .withResponse()
  expect(data.content).toEqual([{ type: 'text', text: 'Hello!', citations: null }])
  expect(data.stop_reason).toBe('end_turn')
  expect(data.usage).toMatchObject({ input_tokens: 3, cache_read_input_tokens: 2, output_tokens: 3 })
  expect(request_id).toBe(response.headers.get('x-request-id'))
})

test("Anthropic's client streams thinking, text and a call, and puts the same message together", async () => {
  const door = await openDoor()
  door.mesh.script.finishReason = 'tool_calls'
  door.mesh.script.tokens = [
    [{ type: 'reasoning', text: 'Hm.' }],
    'Let me ',
    'look.',
    [
      { type: 'call', id: 'c1', name: 'look' },
      { type: 'arguments', text: '{"at"' },
    ],
    [{ type: 'arguments', text: ':"x"}' }],
  ]
  const stream = clientOf(door).messages.stream(hello)
  const texts: string[] = []
  stream.on('text', text => texts.push(text))
  const message = await stream.finalMessage()
  expect(texts).toEqual(['Let me ', 'look.'])
  expect(message.content).toEqual([
    { type: 'thinking', thinking: 'Hm.', signature: '' },
    { type: 'text', text: 'Let me look.', citations: null },
    { type: 'tool_use', id: 'c1', name: 'look', input: { at: 'x' } },
  ])
  expect(message.stop_reason).toBe('tool_use')
  expect(message.usage).toMatchObject({ input_tokens: 3, output_tokens: 5 })
})

test('an answer that fails half-way raises an error of its own kind in the client', async () => {
  const door = await openDoor()
  door.mesh.script.failAfter = { tokens: 2, error: new MeshError('ENGINE_FAILED', 'The model broke down.') }
  const error: unknown = await clientOf(door)
    .messages.stream(hello)
    .finalMessage()
    .catch(thrown => thrown)
  expect(error).toMatchObject({
    type: 'api_error',
    message: expect.stringContaining('The model broke down.'),
  })
})

test("Anthropic's client sees each failure as the error class it knows", async () => {
  const door = await openDoor()
  const client = clientOf(door)
  const failing = (error: MeshError) => {
    door.mesh.script.refuse = error
    return client.messages.create(hello)
  }
  await expect(client.messages.create({ ...hello, max_tokens: -1 })).rejects.toMatchObject({
    constructor: BadRequestError,
    type: 'invalid_request_error',
    requestID: expect.stringMatching(/^req_/),
  })
  await expect(failing(new MeshError('MODEL_NOT_FOUND', 'No.'))).rejects.toMatchObject({
    constructor: NotFoundError,
    type: 'not_found_error',
  })
  await expect(failing(new MeshError('OVERLOADED', 'Full.'))).rejects.toMatchObject({
    constructor: RateLimitError,
    type: 'rate_limit_error',
  })
  await expect(failing(new MeshError('NO_WORKER', 'Nobody.'))).rejects.toMatchObject({
    status: 503,
    type: 'overloaded_error',
  })
})

test("Anthropic's client lists the mesh's models page by page, and describes one", async () => {
  const client = clientOf(await openDoor({ view: viewWith('org/a', 'org/b', 'org/c') }))
  const ids = []
  for await (const { id, type, created_at } of client.models.list({ limit: 2 }))
    ids.push([id, type, created_at])
  expect(ids).toEqual(['org/a', 'org/b', 'org/c'].map(id => [id, 'model', '2023-11-14T22:13:20.500Z']))
  const before = await client.models.list({ limit: 1, before_id: 'org/c' })
  expect([before.data.map(({ id }) => id), before.has_more]).toEqual([['org/b'], true])
  expect(await client.models.retrieve('org/b')).toMatchObject({ type: 'model', display_name: 'org/b' })
  await expect(client.models.retrieve('no/such')).rejects.toMatchObject({
    constructor: NotFoundError,
    type: 'not_found_error',
  })
})

const look = { name: 'look', description: 'Looks', input_schema: { type: 'object' as const } }

test('a tool is called, and its result is answered, the whole way, streamed and not', async () => {
  const client = await meshClient()
  const asked = {
    ...hello,
    model: 'scripted',
    tools: [look],
    messages: [{ role: 'user' as const, content: 'Please look' }],
  }
  const whole = await client.messages.create({ ...asked, thinking: { type: 'enabled', budget_tokens: 1024 } })
  expect(whole.stop_reason).toBe('tool_use')
  expect(whole.content.map(({ type }) => type)).toEqual(['thinking', 'tool_use'])
  const streamed = await client.messages.stream(asked).finalMessage()
  const [call] = streamed.content
  if (call?.type !== 'tool_use') throw new Error('no tool was called')
  expect(call).toMatchObject({ name: 'look', input: { text: expect.any(String) } })
  const answer = await client.messages.create({
    ...asked,
    messages: [
      ...asked.messages,
      { role: 'assistant', content: streamed.content },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: 'A cat' }] },
    ],
  })
  expect(answer).toMatchObject({ stop_reason: 'max_tokens', content: [{ type: 'text' }] })
})

test('the same request says the same whole and streamed, the whole way', async () => {
  const client = await meshClient()
  const asked = { ...hello, model: 'scripted', temperature: 0 }
  const whole = await client.messages.create(asked)
  const streamed = await client.messages.stream(asked).finalMessage()
  expect(streamed.content).toEqual(whole.content)
  expect(streamed.usage).toMatchObject({ output_tokens: 64 })
})

test('a stop string is found, and named, the whole way', async () => {
  const client = await meshClient()
  const asked = { ...hello, model: 'scripted', temperature: 0 }
  const [said] = (await client.messages.create(asked)).content
  const stop = said?.type === 'text' ? said.text.slice(20, 26) : ''
  expect(await client.messages.create({ ...asked, stop_sequences: [stop] })).toMatchObject({
    stop_reason: 'stop_sequence',
    stop_sequence: stop,
  })
})

test('tokens are counted by the model that would answer, which says nothing', async () => {
  const client = await meshClient()
  const counted = await client.messages.countTokens({
    model: 'scripted',
    system: 'Be brief',
    messages: [{ role: 'user', content: 'one two three' }],
    tools: [look],
  })
  expect(counted).toEqual({ input_tokens: 5 })
  await expect(
    client.messages.countTokens({ model: 'none', messages: hello.messages }),
  ).rejects.toBeInstanceOf(NotFoundError)
})
