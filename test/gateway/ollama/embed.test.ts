import { Ollama } from 'ollama'
import { expect, test } from 'vitest'
import { startMemoryMesh } from '../../support/mesh-in-memory.ts'
import { post } from '../support/ask.ts'
import { openDoor, viewWith } from '../support/open-door.ts'

/** Over the scripted engine, whose model `scripted` makes vectors of 16 numbers. */
async function openEmbeddings() {
  const { infer } = await startMemoryMesh({ kind: 'embedding', contextTokens: 256 })
  const door = await openDoor({ infer })
  return { door, client: new Ollama({ host: door.url }) }
}

test("Ollama's client gets a vector for each text, the same as OpenAI's interface gives", async () => {
  const { door, client } = await openEmbeddings()
  const input = ['one text', 'another one']
  const answer = await client.embed({
    model: 'scripted:latest',
    input,
    truncate: true,
    options: { num_ctx: 512 },
  })
  expect(answer).toMatchObject({ model: 'scripted:latest', prompt_eval_count: 4 })
  expect(answer.total_duration).toBeGreaterThan(0)
  const { json } = await post(door, '/v1/embeddings', { model: 'scripted', input })
  const { data } = json as { data: { embedding: number[] }[] }
  expect(answer.embeddings).toEqual(data.map(({ embedding }) => embedding))
  expect(
    (await client.embed({ model: 'scripted', input: 'one text', dimensions: 4 })).embeddings[0],
  ).toHaveLength(4)
  const { embedding } = await client.embeddings({ model: 'scripted', prompt: 'one text' })
  expect(embedding).toEqual(answer.embeddings[0])
})

test('what is too long to be embedded is refused, not cut, and a chat with such a model is, too', async () => {
  const { client } = await openEmbeddings()
  await expect(client.embed({ model: 'scripted', input: 'word '.repeat(300) })).rejects.toMatchObject({
    status_code: 400,
    message: expect.stringContaining('300 tokens'),
  })
  await expect(client.generate({ model: 'scripted', prompt: 'Hi' })).rejects.toMatchObject({
    status_code: 400,
  })
})

test.each([
  ['input', '/api/embed', { model: 'm', input: '' }],
  ['input[1]', '/api/embed', { model: 'm', input: ['a', 1] }],
  ['dimensions', '/api/embed', { model: 'm', input: 'a', dimensions: 0 }],
  ['prompt', '/api/embeddings', { model: 'm' }],
  ['input', '/api/embeddings', { model: 'm', prompt: 'a', input: 'a' }],
])('a bad %s is refused by its name at %s: %j', async (param, path, body) => {
  const { status, json } = await post(await openDoor(), path, body)
  expect({ status, json }).toEqual({ status: 400, json: { error: expect.stringContaining(`'${param}'`) } })
})

test.each([
  [{ kind: 'embedding' }, ['embedding']],
  [{ images: 'taken' }, ['completion', 'tools', 'vision']],
  [{ images: 'needs-layer' }, ['completion', 'tools']],
])('a model says what it is there for: %j', async (said, capabilities) => {
  const view = viewWith('org/model')
  const [worker] = view.workers()
  for (const model of worker?.heartbeat?.models ?? []) Object.assign(model, said)
  const { json } = await post(await openDoor({ view }), '/api/show', { model: 'org/model' })
  expect(json).toMatchObject({ capabilities })
})
