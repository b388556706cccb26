import { expect, test } from 'vitest'
import { post } from '../support/ask.ts'
import { openDoor } from '../support/open-door.ts'
import { hello, linesOf } from './ask.ts'

const nanoseconds = expect.any(Number)
const figures = {
  total_duration: nanoseconds,
  load_duration: nanoseconds,
  prompt_eval_count: 5,
  prompt_eval_duration: nanoseconds,
  eval_count: 3,
  eval_duration: nanoseconds,
}
const common = { model: 'org/tiny', created_at: expect.stringMatching(/^\d{4}-.*Z$/) }

test('a chat is answered in lines unless one answer is asked for, with the figures at its end', async () => {
  const door = await openDoor()
  expect(await linesOf(door, '/api/chat', hello)).toEqual([
    ...['Hel', 'lo', '!'].map(content => ({
      ...common,
      message: { role: 'assistant', content },
      done: false,
    })),
    { ...common, message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop', ...figures },
  ])
  expect(door.mesh.asked[0]?.render?.head).toContain('"content":')
  const { json, headers } = await post(door, '/api/chat', { ...hello, stream: false })
  expect(json).toEqual({
    ...common,
    message: { role: 'assistant', content: 'Hello!' },
    done: true,
    done_reason: 'stop',
    ...figures,
  })
  expect(headers.get('content-type')).toBe('application/json')
})

test('a prompt is answered in lines or at once, and what is cut short says so', async () => {
  const door = await openDoor()
  const asked = { model: 'org/tiny', prompt: 'Hi', options: { num_predict: 2 } }
  const end = { done: true, done_reason: 'length', ...figures, eval_count: 2 }
  expect(await linesOf(door, '/api/generate', asked)).toEqual([
    { ...common, response: 'Hel', done: false },
    { ...common, response: 'lo', done: false },
    { ...common, response: '', ...end },
  ])
  const { json } = await post(door, '/api/generate', { ...asked, stream: false })
  expect(json).toEqual({ ...common, response: 'Hello', ...end })
})

test('durations add up to the whole time', async () => {
  const door = await openDoor()
  const { json } = await post(door, '/api/chat', { ...hello, stream: false })
  const { total_duration, load_duration, prompt_eval_duration, eval_duration } = json as Record<
    string,
    number
  >
  const parts = [load_duration, prompt_eval_duration, eval_duration].map(Number)
  expect(Math.min(...parts)).toBeGreaterThanOrEqual(0)
  expect(Math.abs(parts.reduce((sum, part) => sum + part, 0) - Number(total_duration))).toBeLessThan(10)
})

test('thinking is told apart, and each call as a whole with its arguments as values', async () => {
  const door = await openDoor()
  door.mesh.script.finishReason = 'tool_calls'
  door.mesh.script.tokens = [
    [{ type: 'reasoning', text: 'Hm' }],
    'I look.',
    [
      { type: 'call', id: 'c1', name: 'look' },
      { type: 'arguments', text: '{"at":' },
    ],
    [
      { type: 'arguments', text: '1}' },
      { type: 'call', id: 'c2', name: 'go' },
    ],
  ]
  const calls = [
    { id: 'c1', function: { index: 0, name: 'look', arguments: { at: 1 } } },
    { id: 'c2', function: { index: 1, name: 'go', arguments: {} } },
  ]
  const lines = await linesOf(door, '/api/chat', hello)
  expect(lines.map(({ message }) => message)).toEqual([
    { role: 'assistant', content: '', thinking: 'Hm' },
    { role: 'assistant', content: 'I look.' },
    { role: 'assistant', content: '', tool_calls: calls.slice(0, 1) },
    { role: 'assistant', content: '', tool_calls: calls.slice(1) },
    { role: 'assistant', content: '' },
  ])
  expect(lines.at(-1)).toMatchObject({ done_reason: 'stop' })
  const { json } = await post(door, '/api/chat', { ...hello, stream: false })
  expect(json).toMatchObject({
    message: { role: 'assistant', content: 'I look.', thinking: 'Hm', tool_calls: calls },
  })
})

test('log probabilities stand beside the text that they belong to', async () => {
  const door = await openDoor()
  const asked = { ...hello, logprobs: true, top_logprobs: 1 }
  const logprob = (token: string) => ({
    token,
    logprob: -0.25,
    bytes: [...Buffer.from(token)],
    top_logprobs: [{ token: `${token}0`, logprob: -0.25, bytes: [...Buffer.from(token)] }],
  })
  const [first] = await linesOf(door, '/api/chat', asked)
  expect(first).toMatchObject({ message: { content: 'Hel' }, logprobs: [logprob('Hel')] })
  const { json } = await post(door, '/api/chat', { ...asked, stream: false })
  expect(json).toMatchObject({ logprobs: ['Hel', 'lo', '!'].map(logprob) })
})

test.each([
  ['/api/chat', { message: { role: 'assistant', content: '' } }],
  ['/api/generate', { response: '' }],
])('a question without content to %s only loads the model', async (path, said) => {
  const door = await openDoor()
  const loaded = { ...common, ...said, done: true, done_reason: 'load' }
  expect(await linesOf(door, path, { model: 'org/tiny', keep_alive: '5m' })).toEqual([loaded])
  expect((await post(door, path, { model: 'org/tiny', stream: false })).json).toEqual(loaded)
  expect(door.mesh.asked[0]).toMatchObject({ modelId: 'org/tiny', maxTokens: 0 })
})

test('a name with the tag latest is the model of that name, also in the history', async () => {
  const door = await openDoor()
  await post(door, '/api/chat', { ...hello, model: 'org/tiny:latest', stream: false })
  expect(door.mesh.asked[0]?.modelId).toBe('org/tiny')
  expect(door.records[0]?.modelId).toBe('org/tiny')
})
