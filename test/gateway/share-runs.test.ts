// The same question asked by several clients at a time: one generation, and an answer for each.
import { expect, test } from 'vitest'
import { z } from 'zod'
import { shareRuns } from '../../main/gateway/share-runs.ts'
import { MeshError } from '../../main/protocol/errors.ts'
import type { Piece } from '../../main/protocol/inference.ts'
import { chat, complete, get, hello, streamed } from './support/ask.ts'
import { type Door, openDoor } from './support/open-door.ts'
import { connectRaw } from './support/raw-http.ts'
import { type InferScript, type ScriptedInfer, scriptInfer } from './support/scripted-infer.ts'

const greedy = { temperature: 0 }

interface Sharing {
  readonly door: Door
  readonly mesh: ScriptedInfer
  /** Lets the model say one more token. */
  readonly step: () => void
}

/** A door whose model says its first token at once, and each other one when it is told to. */
async function openSharing(script: Partial<InferScript> = {}): Promise<Sharing> {
  const waiting: (() => void)[] = []
  let steps = 0
  const pace = () =>
    new Promise<void>(resolve => {
      if (steps > 0) {
        steps--
        resolve()
      } else waiting.push(resolve)
    })
  const mesh = scriptInfer({ pace, ...script })
  const step = () => {
    const next = waiting.shift()
    if (next) next()
    else steps++
  }
  return { door: await openDoor({ infer: shareRuns(mesh.infer) }), mesh, step }
}

function startStream({ door }: Sharing, more: object = greedy) {
  const connection = connectRaw(door.port)
  const body = JSON.stringify({ ...hello, stream: true, ...more })
  connection.socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  )
  return connection
}

/** What a stream has said, and under which ids. */
function told(raw: string): { text: string; ids: string[] } {
  const events = [...raw.matchAll(/data: (\{.*\})\n/g)].map(match => JSON.parse(match[1] ?? ''))
  const deltas = events.flatMap(event => event.choices.map((choice: Chunk) => choice.delta.content ?? ''))
  return { text: deltas.join(''), ids: [...new Set<string>(events.map(event => event.id))] }
}

interface Chunk {
  readonly delta: { readonly content?: string }
}

test.each([
  { what: 'greedy', more: greedy },
  { what: 'with a seed', more: { seed: 7 } },
])(
  'clients that ask the same, $what, share one generation, each with a stream of its own',
  async ({ more }) => {
    const sharing = await openSharing()
    const first = startStream(sharing, more)
    await first.until('"content":"Hel"')
    const second = startStream(sharing, more)
    await second.until('"content":"Hel"') // what was said so far comes at once
    const whole = chat(sharing.door, more)
    await expect.poll(() => liveIn(sharing.door)).toBe(3)
    sharing.step()
    sharing.step()
    const [one, two] = [told(await first.until('[DONE]')), told(await second.until('[DONE]'))]
    expect([one.text, two.text]).toEqual(['Hello!', 'Hello!'])
    expect([one.ids.length, two.ids.length]).toEqual([1, 1])
    expect(one.ids).not.toEqual(two.ids)
    expect((await whole).json).toMatchObject({
      choices: [{ message: { content: 'Hello!' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 5, completion_tokens: 3 },
    })
    expect(sharing.mesh.asked).toHaveLength(1)
    await expect.poll(() => sharing.door.records).toHaveLength(3)
    expect(sharing.door.records.map(record => record.tokensGenerated)).toEqual([3, 3, 3])
    const strategies = sharing.door.records.flatMap(({ choices }) =>
      (choices ?? []).map(({ strategy }) => strategy),
    )
    expect(strategies.sort()).toEqual(['hardware_aware', 'shared', 'shared'])
  },
)

test('a client that streams may join one that waits for the whole answer', async () => {
  const sharing = await openSharing()
  const whole = chat(sharing.door, greedy)
  await expect.poll(() => sharing.mesh.taken).toBe(1)
  const stream = startStream(sharing)
  await stream.until('"content":"Hel"')
  sharing.step()
  sharing.step()
  expect(told(await stream.until('[DONE]')).text).toBe('Hello!')
  expect((await whole).json).toMatchObject({ choices: [{ message: { content: 'Hello!' } }] })
  expect(sharing.mesh.asked).toHaveLength(1)
})

test.each<[string, object, object]>([
  ['another seed', { seed: 1 }, { seed: 2 }],
  ['another length', greedy, { ...greedy, max_tokens: 2 }],
  ['another question', greedy, { ...greedy, messages: [{ role: 'user', content: 'Ho' }] }],
  ['log probabilities', greedy, { ...greedy, logprobs: true }],
  ['draws without a seed', {}, {}],
])('a request with %s has a generation of its own', async (_, one, other) => {
  const sharing = await openSharing()
  const answers = [chat(sharing.door, one), chat(sharing.door, other)]
  await expect.poll(() => sharing.mesh.asked.length).toBe(2)
  for (let i = 0; i < 4; i++) sharing.step()
  expect((await Promise.all(answers)).map(answer => answer.status)).toEqual([200, 200])
})

test('who differs only in session, user or identity of the request shares all the same', async () => {
  const sharing = await openSharing()
  const first = chat(sharing.door, { ...greedy, session_id: 'a', user: 'ada' }, { 'x-request-id': 'one' })
  await expect.poll(() => sharing.mesh.taken).toBe(1)
  const second = chat(sharing.door, { ...greedy, session_id: 'b' }, { 'x-request-id': 'two' })
  await expect.poll(() => liveIn(sharing.door)).toBe(2)
  sharing.step()
  sharing.step()
  const answers = await Promise.all([first, second])
  expect(answers.map(({ headers }) => headers.get('x-request-id'))).toEqual(['one', 'two'])
  expect(sharing.mesh.asked).toHaveLength(1)
})

async function liveIn(door: Door): Promise<number> {
  const { json } = await get(door, '/api/cluster/status')
  return z.object({ requests: z.object({ active: z.number() }) }).parse(json).requests.active
}

test('one client that leaves does not disturb the others, and the last one that leaves calls the answer off', async () => {
  const sharing = await openSharing()
  const first = startStream(sharing)
  await first.until('"content":"Hel"')
  const second = startStream(sharing)
  await second.until('"content":"Hel"')
  first.socket.destroy()
  await expect.poll(() => sharing.door.records).toMatchObject([{ status: 'cancelled' }])
  expect(sharing.mesh.cancelled).toBe(0)
  sharing.step()
  await second.until('"content":"lo"')
  second.socket.destroy()
  await expect.poll(() => sharing.mesh.cancelled).toBe(1)
  // Whoever asks now begins anew.
  const third = startStream(sharing)
  await third.until('"content":"Hel"')
  expect(sharing.mesh.asked).toHaveLength(2)
})

test.each<[string, (text: string) => string | Piece[]]>([
  ['text', text => text],
  ['pieces', text => [{ type: 'text', text }]],
])('a client that does not read %s does not hold up the others', async (_, say) => {
  const texts = Array.from({ length: 2000 }, (_, i) => `${i} ${'x'.repeat(8000)}`)
  const tokens = texts.map(say)
  const loading = Promise.withResolvers<void>()
  const sharing = await openSharing({ tokens, loading: loading.promise, pace: null })
  const deaf = startStream(sharing)
  deaf.socket.pause()
  const reading = startStream(sharing)
  await expect.poll(() => liveIn(sharing.door)).toBe(2)
  loading.resolve()
  const text = told(await reading.until('[DONE]')).text
  expect(text).toBe(texts.join(''))
  deaf.socket.resume()
  expect(await deaf.until('"code":"slow_consumer"')).not.toContain('[DONE]')
  expect(sharing.mesh.asked).toHaveLength(1)
})

test('an answer that has become too long to be kept is joined by nobody', async () => {
  const sharing = await openSharing({ tokens: ['x'.repeat(1_100_000), '!'] })
  const first = chat(sharing.door, greedy)
  await expect.poll(() => sharing.mesh.taken).toBe(1)
  const second = chat(sharing.door, greedy)
  await expect.poll(() => sharing.mesh.asked.length).toBe(2)
  sharing.step()
  sharing.step()
  expect((await Promise.all([first, second])).map(({ status }) => status)).toEqual([200, 200])
})

test('a failure is told to all who share it, and is not remembered', async () => {
  const loading = Promise.withResolvers<void>()
  const sharing = await openSharing({ loading: loading.promise })
  const both = [chat(sharing.door, greedy), chat(sharing.door, greedy)]
  await expect.poll(() => liveIn(sharing.door)).toBe(2)
  loading.reject(new MeshError('CONTEXT_LENGTH_EXCEEDED', 'Too long.', { param: 'messages' }))
  expect((await Promise.all(both)).map(({ status }) => status)).toEqual([400, 400])
  expect(sharing.mesh.asked).toHaveLength(1)
  sharing.mesh.script.loading = null
  sharing.mesh.script.pace = null
  expect((await chat(sharing.door, greedy)).status).toBe(200)
})

test('choices with seeds of their own are shared choice by choice', async () => {
  const sharing = await openSharing()
  const both = [chat(sharing.door, { seed: 3, n: 2 }), chat(sharing.door, { seed: 3, n: 2 })]
  await expect.poll(() => liveIn(sharing.door)).toBe(2)
  for (let i = 0; i < 4; i++) sharing.step()
  for (const { json } of await Promise.all(both))
    expect(json).toMatchObject({ choices: [{ index: 0 }, { index: 1 }], usage: { completion_tokens: 6 } })
  expect(sharing.mesh.asked.map(({ seed }) => seed)).toEqual([3, 4])
})

test('log probabilities, thinking and calls reach everybody who shares them', async () => {
  const sharing = await openSharing()
  const asked = { prompt: 'Åse', echo: true, logprobs: 1, ...greedy }
  const first = complete(sharing.door, asked)
  await expect.poll(() => sharing.mesh.taken).toBe(1)
  const second = complete(sharing.door, asked)
  await expect.poll(() => liveIn(sharing.door)).toBe(2)
  sharing.step()
  sharing.step()
  const [one, two] = await Promise.all([first, second])
  expect(two.json).toMatchObject({ choices: (one.json as { choices: object[] }).choices })

  const pieces = await openSharing({
    tokens: [
      [{ type: 'reasoning', text: 'Hm' }],
      [{ type: 'reasoning', text: '.' }],
      [{ type: 'call', id: 'call_a', name: 'time' }],
      [{ type: 'arguments', text: '{}' }],
    ],
    finishReason: 'tool_calls',
  })
  const early = chat(pieces.door, greedy)
  await expect.poll(() => pieces.mesh.taken).toBe(1)
  pieces.step()
  pieces.step()
  await expect.poll(() => pieces.mesh.taken).toBe(3)
  const late = streamed(pieces.door, '/v1/chat/completions', { ...hello, ...greedy })
  await expect.poll(() => liveIn(pieces.door)).toBe(2)
  pieces.step()
  expect(await early).toMatchObject({
    json: { usage: { completion_tokens: 4, completion_tokens_details: { reasoning_tokens: 2 } } },
  })
  const deltas = (await late).flatMap(event =>
    event === '[DONE]' ? [] : (event as { choices: Chunk[] }).choices,
  )
  expect(deltas.map(({ delta }) => delta)).toEqual([
    { role: 'assistant', content: '', refusal: null },
    { reasoning_content: 'Hm.' },
    { tool_calls: [{ index: 0, id: 'call_a', type: 'function', function: { name: 'time', arguments: '' } }] },
    { tool_calls: [{ index: 0, function: { arguments: '{}' } }] },
    {},
  ])
})
