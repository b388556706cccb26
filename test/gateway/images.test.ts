import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import type { AddressGuard } from '../../main/web/fetch-outside.ts'
import { startMemoryMesh } from '../support/mesh-in-memory.ts'
import { dataUri, png } from '../support/pictures.ts'
import { post } from './support/ask.ts'
import { type Door, openDoor } from './support/open-door.ts'

const red = dataUri(png([220, 10, 10]))
const blue = dataUri(png([10, 20, 240]))

async function openSeeing(options: Parameters<typeof startMemoryMesh>[0] = {}) {
  const mesh = await startMemoryMesh({ hasEyes: true, ...options })
  return { mesh, door: await openDoor({ infer: mesh.infer }) }
}

function look(door: Door, ...urls: string[]) {
  const content = [
    { type: 'text', text: 'What is this?' },
    ...urls.map(url => ({ type: 'image_url', image_url: { url, detail: 'low' } })),
  ]
  const messages = [
    { role: 'system', content: 'Be kind' },
    { role: 'user', content },
  ]
  return post(door, '/v1/chat/completions', { model: 'scripted', messages, temperature: 0, max_tokens: 8 })
}

async function seen(door: Door, ...urls: string[]): Promise<unknown> {
  const { status, json } = await look(door, ...urls)
  expect(status, JSON.stringify(json)).toBe(200)
  return (json as { choices: [{ message: { content: string } }] }).choices[0].message.content
}

test('images reach a model that sees, in their order', async () => {
  const { door } = await openSeeing()
  expect(await seen(door, red)).toBe(await seen(door, red))
  expect(await seen(door, red)).not.toBe(await seen(door, blue))
  expect(await seen(door, red)).not.toBe(await seen(door))
  expect(await seen(door, red, blue)).not.toBe(await seen(door, blue, red))
})

test('a model of text answers 400, and text is still welcome', async () => {
  const { door } = await openSeeing({ hasEyes: false })
  const { status, json } = await look(door, red)
  expect(status).toBe(400)
  expect(json).toMatchObject({
    error: {
      type: 'invalid_request_error',
      param: 'messages[1].content',
      message: 'messages[1].content has images, and the model scripted takes no images.',
    },
  })
  expect(await seen(door)).toBeTypeOf('string')
})

test('images go to the Macs that can look at them, and text to all', async () => {
  const { door } = await openSeeing({ workers: 3, scriptOf: id => ({ blind: id !== 'worker2' }) })
  for (let n = 0; n < 6; n++) await seen(door, red)
  expect(door.records.map(({ workerId }) => workerId)).toEqual(Array(6).fill('worker2'))
  await Promise.all(Array.from({ length: 12 }, () => seen(door)))
  expect(new Set(door.records.map(({ workerId }) => workerId)).size).toBeGreaterThan(1)
})

test('where the layer is missing on every Mac, the answer says what to do', async () => {
  const { door } = await openSeeing({ workers: 2, script: { blind: true } })
  const { status, json } = await look(door, red)
  expect(status).toBe(400)
  expect(json).toMatchObject({
    error: {
      param: 'messages[1].content',
      message:
        'messages[1].content has images, and no Mac that has scripted can look at images: run "mlx-mesh vision install" on worker1 or worker2, and load the model again.',
    },
  })
})

test.each([
  ['/v1/responses', (image_url: string) => ({ input: [userOf({ type: 'input_image', image_url })] })],
  [
    '/v1/messages',
    (url: string) => ({
      max_tokens: 8,
      messages: [
        userOf({
          type: 'image',
          source: { type: 'base64', media_type: 'image/png', data: url.split(',')[1] },
        }),
      ],
    }),
  ],
  [
    '/api/chat',
    (url: string) => ({
      stream: false,
      messages: [{ role: 'user', content: 'Look', images: [url.split(',')[1]] }],
    }),
  ],
  ['/api/generate', (url: string) => ({ stream: false, prompt: 'Look', images: [url.split(',')[1]] })],
])('images of %s are seen, too, and refused by a model of text', async (path, bodyOf) => {
  const { door } = await openSeeing()
  const textOf = async (url: string) => {
    const { status, json } = await post(door, path, bodyFor(path, bodyOf(url)))
    expect(status, JSON.stringify(json)).toBe(200)
    return JSON.stringify(json).match(/"(?:text|content|response)":"[^"]+"/)?.[0]
  }
  expect(await textOf(red)).toBe(await textOf(red))
  expect(await textOf(red)).not.toBe(await textOf(blue))
  const { door: textDoor } = await openSeeing({ hasEyes: false })
  const refused = await post(textDoor, path, bodyFor(path, bodyOf(red)))
  expect(refused.status).toBe(400)
  expect(JSON.stringify(refused.json)).toContain('takes no images')
})

function userOf(part: object) {
  return { role: 'user', content: [part] }
}

function bodyFor(path: string, body: object): object {
  const greedy = path.startsWith('/api/')
    ? { options: { temperature: 0, num_predict: 8 } }
    : { temperature: 0 }
  return { model: 'scripted', ...greedy, ...body }
}

test('addresses of images are refused where nobody has allowed them', async () => {
  const { door } = await openSeeing()
  const { status, json } = await look(door, 'https://pictures.example/a.png')
  expect(status).toBe(400)
  expect(json).toMatchObject({ error: { param: 'messages[1].content' } })
  expect(JSON.stringify(json)).toContain('models.images.allow_urls')
})

test('an allowed address is fetched once, and seen as if the picture had been sent', async () => {
  const asked: string[] = []
  const server = createServer((req, res) => {
    asked.push(req.url ?? '')
    res.setHeader('content-type', 'text/plain')
    res.end(req.url === '/red' ? png([220, 10, 10]) : 'no picture')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const mesh = await startMemoryMesh({ hasEyes: true })
  const guard: AddressGuard = {
    refuse: () => {},
    lookup: (_hostname, options, callback) =>
      options.all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4),
  }
  const door = await openDoor({ infer: mesh.infer, images: { allowed: true, guard } })
  const url = `http://pictures.test:${port}/red`
  expect(await seen(door, url, url)).toBe(await seen(door, red, red))
  expect(asked).toEqual(['/red'])
  const wrong = await look(door, `http://pictures.test:${port}/text`)
  expect(wrong).toMatchObject({ status: 400, json: { error: { param: 'messages[1].content' } } })
  const many = Array.from({ length: 17 }, (_, n) => `${url}?${n}`)
  expect((await look(door, ...many)).status).toBe(400)
})

test('an allowed address never leads to this Mac or its network', async () => {
  const mesh = await startMemoryMesh({ hasEyes: true })
  const door = await openDoor({ infer: mesh.infer, images: { allowed: true } })
  for (const host of ['127.0.0.1', 'localhost', '[::1]', '192.168.1.1', '169.254.169.254', '100.64.0.1']) {
    const { status, json } = await look(door, `http://${host}:${door.port}/health`)
    expect(status).toBe(400)
    expect(JSON.stringify(json)).toContain('inside a private network')
  }
})
