// A response and its stream satisfy the schemas that OpenAI publishes (in `ask.ts`); here: what comes, and in which order.
import { expect, test } from 'vitest'
import { MeshError } from '../../../main/protocol/errors.ts'
import { openDoor } from '../support/open-door.ts'
import { respond, streamResponse } from './ask.ts'

test('a response of text streams its events in the published order, each with its number', async () => {
  const door = await openDoor()
  const events = await streamResponse(door)
  expect(events.map(({ type }) => type)).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.content_part.added',
    'response.output_text.delta',
    'response.output_text.delta',
    'response.output_text.delta',
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.completed',
  ])
  expect(events.map(event => event.sequence_number)).toEqual(events.map((_, place) => place))
  expect(events[0]).toMatchObject({ response: { status: 'in_progress', output: [] } })
  expect(events[2]).toMatchObject({ item: { status: 'in_progress', content: [] } })
  expect(events[3]).toMatchObject({ part: { text: '' } })
  expect(events.at(-1)).toMatchObject({
    response: {
      status: 'completed',
      output: [{ type: 'message', status: 'completed', content: [{ type: 'output_text', text: 'Hello!' }] }],
      usage: { input_tokens: 5, output_tokens: 3 },
    },
  })
})

test('thinking, words and calls are items one after the other, in the stream as in the whole response', async () => {
  const door = await openDoor()
  door.mesh.script.tokens = [
    [{ type: 'reasoning', text: 'Hm' }],
    [
      { type: 'reasoning', text: '.' },
      { type: 'text', text: 'I ' },
    ],
    'look.',
    [
      { type: 'call', id: 'call_1', name: 'look' },
      { type: 'arguments', text: '{' },
    ],
    [{ type: 'arguments', text: '}' }],
    [
      { type: 'call', id: 'call_2', name: 'hear' },
      { type: 'arguments', text: '{}' },
    ],
  ]
  door.mesh.script.finishReason = 'tool_calls'
  const events = await streamResponse(door)
  expect(events.slice(2).map(({ type, output_index }) => `${output_index ?? ''} ${type}`.trim())).toEqual([
    '0 response.output_item.added',
    '0 response.content_part.added',
    '0 response.reasoning_text.delta',
    '0 response.reasoning_text.delta',
    '0 response.reasoning_text.done',
    '0 response.content_part.done',
    '0 response.output_item.done',
    '1 response.output_item.added',
    '1 response.content_part.added',
    '1 response.output_text.delta',
    '1 response.output_text.delta',
    '1 response.output_text.done',
    '1 response.content_part.done',
    '1 response.output_item.done',
    '2 response.output_item.added',
    '2 response.function_call_arguments.delta',
    '2 response.function_call_arguments.delta',
    '2 response.function_call_arguments.done',
    '2 response.output_item.done',
    '3 response.output_item.added',
    '3 response.function_call_arguments.delta',
    '3 response.function_call_arguments.done',
    '3 response.output_item.done',
    'response.completed',
  ])
  const items = [
    { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'Hm.' }] },
    { type: 'message', role: 'assistant', content: [{ text: 'I look.' }] },
    { type: 'function_call', call_id: 'call_1', name: 'look', arguments: '{}', status: 'completed' },
    { type: 'function_call', call_id: 'call_2', name: 'hear', arguments: '{}', status: 'completed' },
  ]
  expect(events.at(-1)).toMatchObject({ response: { status: 'completed', output: items } })
  const whole = await respond(door)
  expect(whole).toMatchObject({ status: 'completed', output: items })
  expect(whole.output.map(({ id }) => id.replace(/_[0-9a-f]{32}$/, ''))).toEqual(['rs', 'msg', 'fc', 'fc'])
})

test('a response that is cut short says so, whole and streamed', async () => {
  const door = await openDoor()
  const cut = {
    status: 'incomplete',
    incomplete_details: { reason: 'max_output_tokens' },
    completed_at: null,
    output: [{ status: 'incomplete', content: [{ text: 'Hel' }] }],
  }
  expect(await respond(door, { max_output_tokens: 1 })).toMatchObject(cut)
  const events = await streamResponse(door, { max_output_tokens: 1 })
  expect(events.at(-2)).toMatchObject({ type: 'response.output_item.done', item: { status: 'incomplete' } })
  expect(events.at(-1)).toMatchObject({ type: 'response.incomplete', response: cut })
})

test('an answer of nothing is an empty text', async () => {
  const door = await openDoor()
  door.mesh.script.tokens = []
  const output = [{ type: 'message', content: [{ type: 'output_text', text: '' }] }]
  expect(await respond(door)).toMatchObject({ output })
  const events = await streamResponse(door)
  expect(events.at(-1)).toMatchObject({ response: { output } })
})

test('log probabilities come with the words that they are of, and with the whole text', async () => {
  const door = await openDoor()
  const asked = { include: ['message.output_text.logprobs'], top_logprobs: 1 }
  const token = { token: 'Hel', logprob: -0.25, bytes: [72, 101, 108], top_logprobs: [{ token: 'Hel0' }] }
  const whole = await respond(door, asked)
  expect(whole).toMatchObject({
    top_logprobs: 1,
    output: [{ content: [{ logprobs: [token, { token: 'lo' }, { token: '!' }] }] }],
  })
  const events = await streamResponse(door, asked)
  const deltas = events.filter(({ type }) => type === 'response.output_text.delta')
  expect(deltas[0]).toMatchObject({ delta: 'Hel', logprobs: [token] })
  expect(events.find(({ type }) => type === 'response.output_text.done')).toMatchObject({
    logprobs: [token, { token: 'lo' }, { token: '!' }],
  })
  door.mesh.script.tokens = ['Hi']
  expect(await respond(door)).toMatchObject({ output: [{ content: [{ logprobs: [] }] }] })
})

test('log probabilities are those of the text, and not of what was thought before it', async () => {
  const door = await openDoor()
  door.mesh.script.tokens = [[{ type: 'reasoning', text: 'Hm.' }], [{ type: 'text', text: 'Yes' }], '.']
  const output = [{ type: 'reasoning' }, { content: [{ logprobs: [{ token: 'Yes' }, { token: '.' }] }] }]
  const asked = { include: ['message.output_text.logprobs'] }
  expect(await respond(door, asked)).toMatchObject({ output })
  expect((await streamResponse(door, asked)).at(-1)).toMatchObject({ response: { output } })
})

test('a stream that fails half-way ends with what went wrong and what there was', async () => {
  const door = await openDoor()
  door.mesh.script.failAfter = { tokens: 2, error: new MeshError('ENGINE_FAILED', 'The model broke down.') }
  const events = await streamResponse(door)
  expect(events.slice(-2)).toMatchObject([
    { type: 'error', code: 'engine_failed', message: 'The model broke down.', param: null },
    {
      type: 'response.failed',
      response: {
        status: 'failed',
        error: { code: 'server_error', message: 'The model broke down.' },
        output: [{ status: 'incomplete', content: [{ text: 'Hello' }] }],
      },
    },
  ])
  expect(events.map(event => event.sequence_number)).toEqual(events.map((_, place) => place))
})

test('a response that never begins is an HTTP status, also when a stream is asked for', async () => {
  const door = await openDoor()
  door.mesh.script.refuse = new MeshError('OVERLOADED', 'Full.', { retryAfterMs: 1000 })
  const answer = await fetch(`${door.url}/v1/responses`, {
    method: 'POST',
    body: JSON.stringify({ model: 'org/tiny', input: 'Hi', stream: true }),
  })
  expect(answer.status).toBe(429)
  expect(await answer.json()).toMatchObject({ error: { code: 'overloaded', message: 'Full.' } })
})
