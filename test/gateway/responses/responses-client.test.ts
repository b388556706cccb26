import OpenAI, { APIError, NotFoundError } from 'openai'
import { expect, test } from 'vitest'
import { MeshError } from '../../../main/protocol/errors.ts'
import { type Door, openDoor } from '../support/open-door.ts'

const hi = { model: 'org/tiny', input: 'Hi' }

function clientOf({ url }: Door): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 })
}

test("OpenAI's client gets a response with its text and usage", async () => {
  const door = await openDoor()
  const { data, response } = await clientOf(door).responses.create(hi).withResponse()
  expect(data).toMatchObject({ output_text: 'Hello!', status: 'completed', model: 'org/tiny' })
  expect(data.usage).toMatchObject({
    input_tokens: 5,
    input_tokens_details: { cached_tokens: 2 },
    output_tokens: 3,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 8,
  })
  expect(response.headers.get('x-mlx-mesh-worker')).toBe('mac1')
})

test("the stream helper of OpenAI's client puts together what the whole response says", async () => {
  const door = await openDoor()
  door.mesh.script.tokens = [
    [{ type: 'reasoning', text: 'Let me ' }],
    [{ type: 'reasoning', text: 'think.' }],
    'It is ',
    'raining.',
    [
      { type: 'call', id: 'call_1', name: 'weather' },
      { type: 'arguments', text: '{"city":' },
    ],
    [{ type: 'arguments', text: '"Rome"}' }],
  ]
  door.mesh.script.finishReason = 'tool_calls'
  const stream = clientOf(door).responses.stream(hi)
  let text = ''
  stream.on('response.output_text.delta', ({ delta }) => {
    text += delta
  })
  const response = await stream.finalResponse()
  expect(text).toBe('It is raining.')
  expect(response.output_text).toBe('It is raining.')
  expect(response.output).toMatchObject([
    { type: 'reasoning', content: [{ text: 'Let me think.' }] },
    { type: 'message', content: [{ text: 'It is raining.' }] },
    { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{"city":"Rome"}' },
  ])
  expect(response.usage?.output_tokens_details.reasoning_tokens).toBe(2)
})

test('a client goes on with a response by its id, and the Mac is told the whole conversation', async () => {
  const door = await openDoor()
  const { responses } = clientOf(door)
  const first = await responses.create({ ...hi, instructions: 'Be brief.' })
  const second = await responses.create({ ...hi, input: 'And then?', previous_response_id: first.id })
  await responses.create({
    ...hi,
    input: 'At last?',
    previous_response_id: second.id,
    instructions: 'Rhyme.',
  })
  const [, , third] = door.mesh.asked
  expect(third?.messages).toEqual([
    { role: 'system', content: 'Rhyme.' },
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Hello!' },
    { role: 'user', content: 'And then?' },
    { role: 'assistant', content: 'Hello!' },
    { role: 'user', content: 'At last?' },
  ])
  expect(door.mesh.asked.map(({ sessionId }) => sessionId)).toEqual([first.id, first.id, first.id])
})

test('a client retrieves a response, pages through what it was asked, and deletes it', async () => {
  const { responses } = clientOf(await openDoor())
  const input = ['one', 'two', 'three'].map(content => ({ role: 'user' as const, content }))
  const created = await responses.create({ ...hi, input, metadata: { topic: 'numbers' } })
  const { _request_id, ...again } = await responses.retrieve(created.id)
  expect(again).toEqual({ ...created, _request_id: undefined })
  expect(again.metadata).toEqual({ topic: 'numbers' })
  const texts = []
  for await (const item of responses.inputItems.list(created.id, { limit: 1, order: 'asc' }))
    if (item.type === 'message') texts.push(item.content[0])
  expect(texts).toMatchObject([{ text: 'one' }, { text: 'two' }, { text: 'three' }])
  await responses.delete(created.id)
  await expect(responses.retrieve(created.id)).rejects.toBeInstanceOf(NotFoundError)
  await expect(responses.create({ ...hi, previous_response_id: created.id })).rejects.toMatchObject({
    status: 404,
    code: 'previous_response_not_found',
    message: expect.stringContaining(`Previous response with id '${created.id}' not found.`),
  })
})

test('a stream that fails half-way raises an error in the client, and is not stored', async () => {
  const door = await openDoor()
  door.mesh.script.failAfter = { tokens: 2, error: new MeshError('ENGINE_FAILED', 'The model broke down.') }
  const stream = await clientOf(door).responses.create({ ...hi, stream: true })
  let id = ''
  let text = ''
  const reading = (async () => {
    for await (const event of stream) {
      if (event.type === 'response.created') id = event.response.id
      if (event.type === 'response.output_text.delta') text += event.delta
    }
  })()
  await expect(reading).rejects.toBeInstanceOf(APIError)
  await expect(reading).rejects.toThrow('The model broke down.')
  expect(text).toBe('Hello')
  await expect(clientOf(door).responses.retrieve(id)).rejects.toBeInstanceOf(NotFoundError)
})
