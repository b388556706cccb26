import { expect, test } from 'vitest'
import { startMemoryMesh } from '../support/mesh-in-memory.ts'
import { get, post } from './support/ask.ts'
import { type Door, openDoor, viewWith } from './support/open-door.ts'
import { expectPublished } from './support/published.ts'

const path = '/v1/embeddings'

async function openEmbeddings(contextTokens = 256) {
  const mesh = await startMemoryMesh({ kind: 'embedding', contextTokens })
  return { mesh, door: await openDoor({ infer: mesh.infer }) }
}

interface Listed {
  readonly data: readonly { readonly index: number; readonly embedding: number[] }[]
  readonly usage: object
}

async function embed(door: Door, more: object): Promise<Listed> {
  const { status, json } = await post(door, path, { model: 'scripted', ...more })
  expect(status, JSON.stringify(json)).toBe(200)
  return json as Listed
}

test('each input gets its vector in its place, as OpenAI has published it', async () => {
  const { door } = await openEmbeddings()
  const listed = await embed(door, { input: ['one text', 'another one', 'one text'], user: 'me' })
  expectPublished('CreateEmbeddingResponse', listed)
  expect(listed).toMatchObject({
    object: 'list',
    model: 'scripted',
    data: [{ index: 0 }, { index: 1 }, { index: 2 }],
    usage: { prompt_tokens: 6, total_tokens: 6 },
  })
  const [first, second, third] = listed.data.map(({ embedding }) => embedding)
  expect(first).toHaveLength(16)
  expect(third).toEqual(first)
  expect(second).not.toEqual(first)
  expect(door.records).toMatchObject([
    { status: 'completed', promptTokens: 6, tokensGenerated: 0, workerId: 'worker1' },
  ])
})

test('a text, a list of one, token ids and a list of such are all taken', async () => {
  const { door } = await openEmbeddings()
  const vectorsOf = async (input: unknown) =>
    (await embed(door, { input })).data.map(({ embedding }) => embedding)
  expect(await vectorsOf('a text')).toEqual(await vectorsOf(['a text']))
  expect(await vectorsOf([7, 8])).toEqual(await vectorsOf([[7, 8]]))
  expect(await vectorsOf([[7, 8], [9]])).toHaveLength(2)
})

test('in base64 the numbers are the same', async () => {
  const { door } = await openEmbeddings()
  const { data } = await embed(door, { input: ['some words here'], encoding_format: 'float' })
  const { json } = await post(door, path, {
    model: 'scripted',
    input: ['some words here'],
    encoding_format: 'base64',
  })
  const [{ embedding }] = (json as { data: [{ embedding: string }] }).data
  const bytes = Buffer.from(embedding, 'base64')
  const numbers = Array.from({ length: 16 }, (_, i) => bytes.readFloatLE(4 * i))
  expect(data[0]?.embedding.map(Math.fround)).toEqual(numbers)
})

test('2,048 inputs come back in their order, and one more is refused', async () => {
  const { door } = await openEmbeddings()
  const input = Array.from({ length: 2048 }, (_, i) => `text ${i}`)
  const { data, usage } = await embed(door, { input })
  expect(data.map(({ index }) => index)).toEqual(input.map((_, i) => i))
  expect(usage).toEqual({ prompt_tokens: 4096, total_tokens: 4096 })
  for (const place of [0, 255, 256, 2047])
    expect(data[place]?.embedding).toEqual((await embed(door, { input: `text ${place}` })).data[0]?.embedding)
  const tooMany = await post(door, path, { model: 'scripted', input: [...input, 'one more'] })
  expect(tooMany).toMatchObject({ status: 400, json: { error: { param: 'input' } } })
})

test('a list that is far too long is refused for its length, and is not looked through', async () => {
  const { door } = await openEmbeddings()
  const lists = [...Array.from({ length: 3000 }, () => [1]), ['no token']]
  const tooMany = await post(door, path, { model: 'scripted', input: lists })
  expect(tooMany).toMatchObject({ status: 400, json: { error: { param: 'input' } } })
  expect(JSON.stringify(tooMany.json)).toContain('2048')
})

test('3 MB of long texts travel in parts, and come back', async () => {
  const { door } = await openEmbeddings()
  const input = Array.from({ length: 300 }, (_, i) => `${'x'.repeat(10_000)}${i}`)
  const { data } = await embed(door, { input })
  expect(data).toHaveLength(300)
  expect(data[299]?.embedding).toEqual((await embed(door, { input: input[299] })).data[0]?.embedding)
})

test('fewer dimensions are what is asked for, and more than the model has are refused', async () => {
  const { door } = await openEmbeddings()
  const { data } = await embed(door, { input: 'some words', dimensions: 4 })
  expect(data[0]?.embedding).toHaveLength(4)
  expect(Math.hypot(...(data[0]?.embedding ?? []))).toBeCloseTo(1)
  expect(await post(door, path, { model: 'scripted', input: 'x', dimensions: 17 })).toMatchObject({
    status: 400,
    json: { error: { param: 'dimensions', code: 'invalid_value' } },
  })
})

test.each([
  { title: 'no input', body: {}, param: 'input' },
  { title: 'an empty text', body: { input: '' }, param: 'input' },
  { title: 'an empty text among others', body: { input: ['a', ''] }, param: 'input[1]' },
  { title: 'an empty list', body: { input: [] }, param: 'input' },
  { title: 'an empty list of token ids', body: { input: [[1], []] }, param: 'input[1]' },
  { title: 'texts and token ids mixed', body: { input: ['a', [1]] }, param: 'input[1]' },
  { title: 'a negative token id', body: { input: [1, -1] }, param: 'input[1]' },
  { title: 'an unknown encoding', body: { input: 'a', encoding_format: 'int8' }, param: 'encoding_format' },
  { title: 'no dimensions', body: { input: 'a', dimensions: 0 }, param: 'dimensions' },
  { title: 'a parameter of text', body: { input: 'a', temperature: 1 }, param: 'temperature' },
])('$title is a 400 that names it', async ({ body, param }) => {
  const { door } = await openEmbeddings()
  const { status, json } = await post(door, path, { model: 'scripted', ...body })
  expect(status).toBe(400)
  expect(json).toMatchObject({ error: { param, type: 'invalid_request_error' } })
  expectPublished('ErrorResponse', json)
})

test('an input that is too long is named, wherever it stands in the list', async () => {
  const { door } = await openEmbeddings(8)
  const input = Array.from({ length: 300 }, (_, i) => (i === 299 ? 'word '.repeat(9) : 'word'))
  expect(await post(door, path, { model: 'scripted', input })).toMatchObject({
    status: 400,
    json: { error: { code: 'context_length_exceeded', param: 'input[299]' } },
  })
  expect(door.records).toMatchObject([{ status: 'failed', errorCode: 'CONTEXT_LENGTH_EXCEEDED' }])
})

test('a model of embeddings makes no text, a model of text no embeddings, and both say so', async () => {
  const { door } = await openEmbeddings()
  const messages = [{ role: 'user', content: 'Hello' }]
  expect(await post(door, '/v1/chat/completions', { model: 'scripted', messages })).toMatchObject({
    status: 400,
    json: { error: { param: 'model', message: expect.stringContaining('/v1/embeddings') } },
  })
  const { infer } = await startMemoryMesh()
  const other = await openDoor({ infer })
  expect(await post(other, path, { model: 'scripted', input: 'Hello' })).toMatchObject({
    status: 400,
    json: { error: { param: 'model', message: expect.stringContaining('text, not embeddings') } },
  })
})

test('a Mac that is lost in the middle of a list costs nobody a vector', async () => {
  const script = { tokensPerSecond: 200 }
  const { infer, workers } = await startMemoryMesh({ kind: 'embedding', workers: 2, script })
  const macs: string[] = []
  const starts: number[] = []
  const door = await openDoor({
    infer: async function* (sequence, signal) {
      for await (const event of infer(sequence, signal)) {
        if (event.type === 'accepted') macs.push(event.choice.workerId)
        if (event.type === 'vectors' && event.at === 0) starts.push(macs.length)
        yield event
        if (event.type === 'vectors' && starts.length === 1)
          workers.find(({ workerId }) => workerId === macs[0])?.model.crash()
      }
    },
  })
  const input = Array.from({ length: 60 }, (_, i) => `text ${i}`)
  const { data } = await embed(door, { input })
  expect(new Set(macs).size).toBe(2)
  expect(starts).toEqual([1, 2])
  const { door: calm } = await openEmbeddings()
  expect(data).toEqual((await embed(calm, { input })).data)
})

test('a client that goes away ends the work for it', async () => {
  const { infer, workers } = await startMemoryMesh({ kind: 'embedding', script: { tokensPerSecond: 200 } })
  const abort = new AbortController()
  const inputs = Array.from({ length: 200 }, (_, i) => `text ${i}`)
  const answer = async () => {
    for await (const { type } of infer({ modelId: 'scripted', embedding: { inputs } }, abort.signal))
      if (type === 'vectors') abort.abort()
  }
  await expect(answer()).rejects.toMatchObject({ code: 'CANCELLED' })
  await expect.poll(() => workers[0]?.serving.activeRequests).toBe(0)
})

test('the list of models says what each makes', async () => {
  const door = await openDoor({ view: viewWith('org/tiny') })
  expect(await get(door, '/v1/models')).toMatchObject({ json: { data: [{ mesh: { kind: 'text' } }] } })
})
