// The official client and a real model that sees: nothing between them and Python is replaced.
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCommand } from '../cli/fake-terminal.ts'
import { dataUri, png } from '../support/pictures.ts'
import { tinyModelFolder, visionLayerFolder, visionModelFolder } from '../support/runtime.ts'
import { type ServedPeer, startServe } from '../support/serve.ts'

const red = dataUri(png([220, 10, 10]))
const blue = dataUri(png([10, 20, 240], 90, 30))
let dataFolder: string
let peer: ServedPeer
let client: OpenAI

async function open(withLayer: boolean): Promise<void> {
  dataFolder = mkdtempSync(join(tmpdir(), 'mlx mesh '))
  mkdirSync(join(dataFolder, 'models'))
  symlinkSync(visionModelFolder, join(dataFolder, 'models', 'seeing'))
  symlinkSync(tinyModelFolder, join(dataFolder, 'models', 'tiny'))
  if (withLayer) symlinkSync(visionLayerFolder, join(dataFolder, 'vision'))
  peer = await startServe({ dataFolder })
  client = new OpenAI({ baseURL: `${peer.url}/v1`, apiKey: 'none', maxRetries: 0 })
}

async function close(): Promise<void> {
  await peer?.close()
  rmSync(dataFolder, { recursive: true, force: true })
}

function asked(model: string, ...urls: string[]) {
  const images = urls.map(url => ({ type: 'image_url' as const, image_url: { url } }))
  const content = [{ type: 'text' as const, text: 'What do you see?' }, ...images]
  return { model, temperature: 0, max_tokens: 12, messages: [{ role: 'user' as const, content }] }
}

async function seen(...urls: string[]): Promise<string> {
  const answer = await client.chat.completions.create(asked('seeing', ...urls))
  expect(answer.usage?.completion_tokens).toBe(12)
  return answer.choices[0]?.message.content ?? ''
}

/** It needs Python 3.11. */
const hasLayer = existsSync(join(visionLayerFolder, 'mlx_vlm'))

describe.skipIf(!hasLayer)('with the layer for images', () => {
  beforeAll(() => open(true))
  afterAll(close)

  test('the official client shows a model pictures, and they are told apart', async () => {
    const alone = [await seen(red), await seen(blue), await seen(red, blue), await seen()]
    expect(new Set(alone).size).toBe(4)
    expect(await Promise.all([seen(red), seen(blue), seen(red, blue), seen()])).toEqual(alone)
  })

  test('an answer to a picture is streamed', async () => {
    const stream = await client.chat.completions.create({ ...asked('seeing', red), stream: true })
    let text = ''
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
    expect(text).toBe(await seen(red))
  })

  test('an answer to a picture keeps to a schema', async () => {
    const schema = {
      type: 'object',
      properties: { isRed: { type: 'boolean' } },
      required: ['isRed'],
      additionalProperties: false,
    }
    const answer = await client.chat.completions.create({
      ...asked('seeing', red),
      max_tokens: 80,
      response_format: { type: 'json_schema', json_schema: { name: 'colour', strict: true, schema } },
    })
    expect(Object.keys(JSON.parse(answer.choices[0]?.message.content ?? ''))).toEqual(['isRed'])
  })

  test('what is no picture is refused, and so is a picture for a model of text', async () => {
    const refused = { status: 400, param: 'messages[0].content' }
    const broken = dataUri(png([1, 2, 3]).subarray(0, 60))
    await expect(client.chat.completions.create(asked('seeing', broken))).rejects.toMatchObject(refused)
    await expect(client.chat.completions.create(asked('tiny', red))).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('the model tiny takes no images'),
    })
  })

  test('the list of models says which of them see', async () => {
    const { data } = (await (await fetch(`${peer.url}/v1/models`)).json()) as {
      data: { id: string; mesh: { images: boolean } }[]
    }
    const seeing = data.filter(({ mesh }) => mesh.images).map(({ id }) => id)
    expect(seeing).toEqual(['seeing'])
  })
})

describe('without the layer for images', () => {
  beforeAll(() => open(false))
  afterAll(close)

  test('a model that could see makes text, says what to do for more, and sees once that is done', async () => {
    expect(await seen()).toBeTypeOf('string')
    await expect(client.chat.completions.create(asked('seeing', red))).rejects.toMatchObject({
      status: 400,
      param: 'messages[0].content',
      message: expect.stringContaining('mlx-mesh vision install'),
    })
    if (!hasLayer) return
    symlinkSync(visionLayerFolder, join(dataFolder, 'vision'))
    const home = { home: dataFolder }
    expect(await runCommand(['unload', 'seeing'], home)).toMatchObject({ code: 0 })
    expect(await runCommand(['load', 'seeing'], home)).toMatchObject({ code: 0 })
    expect(await seen(red)).not.toBe(await seen(blue))
  })
})
