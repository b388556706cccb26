// The official clients against a real embedding model: nothing between them and Python is replaced.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { embeddingModelFolder, pythonDevBinary, tinyModelFolder } from '../support/runtime.ts'
import { type ServedPeer, startServe } from '../support/serve.ts'

const model = 'all-MiniLM-L6-v2'
let dataFolder: string
let peer: ServedPeer
let client: OpenAI

beforeAll(async () => {
  dataFolder = mkdtempSync(join(tmpdir(), 'mlx mesh '))
  mkdirSync(join(dataFolder, 'models'))
  symlinkSync(embeddingModelFolder, join(dataFolder, 'models', model))
  symlinkSync(tinyModelFolder, join(dataFolder, 'models', 'tiny'))
  peer = await startServe({ dataFolder })
  client = new OpenAI({ baseURL: `${peer.url}/v1`, apiKey: 'none', maxRetries: 0 })
})

afterAll(async () => {
  await peer?.close()
  rmSync(dataFolder, { recursive: true, force: true })
})

test('the official Python client gets vectors that are near where the meanings are', async () => {
  const script = join(import.meta.dirname, '..', 'fixtures', 'openai_embeddings.py')
  const { stdout } = await promisify(execFile)(pythonDevBinary, [script, peer.url, model])
  const seen = JSON.parse(stdout)
  expect(seen).toMatchObject({
    indexes: [0, 1, 2],
    tokens: 384,
    short: 64,
    usage: { prompt_tokens: 22, total_tokens: 22 },
    errors: {
      empty: [400, 'invalid_value', 'input[1]'],
      'too long': [400, 'context_length_exceeded', 'input[1]'],
      'unknown model': [404, 'model_not_found', 'model'],
    },
  })
  expect(seen.same).toBeLessThan(1e-6)
  const [same, kitten, rates] = seen.cosines
  expect(same).toBeCloseTo(1, 5)
  expect(kitten).toBeGreaterThan(0.5)
  expect(rates).toBeLessThan(0.2)
})

test('the official Node client gets each of many concurrent requests its own vector', async () => {
  const vectorOf = async (input: string) =>
    (await client.embeddings.create({ model, input })).data[0]?.embedding ?? []
  const texts = ['one', 'two words', 'three words here', 'and now five words more']
  const alone = []
  for (const text of texts) alone.push(await vectorOf(text))
  const together = await Promise.all([...texts, ...texts].map(vectorOf))
  for (const [i, vector] of together.entries()) {
    expect(vector).toHaveLength(384)
    for (const [place, value] of vector.entries()) expect(value).toBeCloseTo(alone[i % 4]?.[place] ?? 9, 5)
  }
})

test('a model of text and one of embeddings serve side by side, and each says what it is not', async () => {
  const messages = [{ role: 'user' as const, content: 'Hello' }]
  const refused = { status: 400, param: 'model' }
  await expect(client.chat.completions.create({ model, messages })).rejects.toMatchObject(refused)
  await expect(client.embeddings.create({ model: 'tiny', input: 'Hello' })).rejects.toMatchObject(refused)
  const answer = await client.chat.completions.create({ model: 'tiny', messages, max_tokens: 2 })
  expect(answer.usage?.completion_tokens).toBe(2)
})
