import { Ollama } from 'ollama'
import { expect, test } from 'vitest'
import { MeshError } from '../../../main/protocol/errors.ts'
import { startMemoryMesh } from '../../support/mesh-in-memory.ts'
import { type Door, openDoor, viewWith } from '../support/open-door.ts'

const hello = { model: 'org/tiny', messages: [{ role: 'user', content: 'Hi' }] }

function clientOf({ url }: Door): Ollama {
  return new Ollama({ host: url })
}

/** Over the scripted engine, whose model is called `scripted`. */
async function meshClient(): Promise<Ollama> {
  const { infer } = await startMemoryMesh()
  return clientOf(await openDoor({ infer }))
}

const textOf = async (stream: AsyncIterable<{ message: { content: string } }>) => {
  let text = ''
  for await (const { message } of stream) text += message.content
  return text
}

test("Ollama's client chats and generates, whole and streamed", async () => {
  const client = clientOf(await openDoor())
  const whole = await client.chat(hello)
  expect(whole).toMatchObject({ message: { content: 'Hello!' }, done: true, eval_count: 3 })
  expect(await textOf(await client.chat({ ...hello, stream: true }))).toBe('Hello!')
  const asked = { model: 'org/tiny', prompt: 'Hi' }
  expect(await client.generate(asked)).toMatchObject({ response: 'Hello!', done_reason: 'stop' })
  let text = ''
  for await (const { response } of await client.generate({ ...asked, stream: true })) text += response
  expect(text).toBe('Hello!')
})

test("Ollama's client lists the mesh's models, those in memory, and describes one", async () => {
  const client = clientOf(await openDoor())
  const { models } = await client.list()
  expect(models).toMatchObject([
    {
      name: 'org/tiny',
      size: 1000,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      modified_at: '2023-11-14T22:13:20.500Z',
    },
    { name: 'other' },
  ])
  expect((await client.ps()).models).toMatchObject([
    { name: 'org/tiny', size_vram: 2000, context_length: 4096 },
  ])
  expect(await client.show({ model: 'org/tiny:latest' })).toMatchObject({
    capabilities: ['completion', 'tools'],
    model_info: { 'general.architecture': 'mlx', 'mlx.context_length': 4096 },
    details: { format: 'safetensors' },
  })
  await expect(client.show({ model: 'no/such' })).rejects.toMatchObject({ status_code: 404 })
  expect((await client.version()).version).toMatch(/^\d+\.\d+\.\d+$/)
})

test("Ollama's client reads why a request failed, also in the middle of an answer", async () => {
  const door = await openDoor()
  const client = clientOf(door)
  await expect(client.chat({ ...hello, options: { temperature: 9 } })).rejects.toMatchObject({
    status_code: 400,
    message: expect.stringContaining("'options.temperature'"),
  })
  door.mesh.script.failAfter = { tokens: 2, error: new MeshError('ENGINE_FAILED', 'The model broke down.') }
  await expect(textOf(await client.chat({ ...hello, stream: true }))).rejects.toThrow('The model broke down.')
  door.mesh.script.refuse = new MeshError('MODEL_NOT_FOUND', 'No Mac has it.')
  await expect(client.chat({ ...hello, stream: true })).rejects.toMatchObject({
    status_code: 404,
    message: 'No Mac has it.',
  })
})

test("what changes models is refused with a hint to the app, which Ollama's client shows", async () => {
  const client = clientOf(await openDoor({ view: viewWith('org/tiny') }))
  for (const trying of [
    () => client.pull({ model: 'llama3' }),
    () => client.push({ model: 'llama3' }),
    () => client.create({ model: 'mine', from: 'llama3' }),
    () => client.copy({ source: 'a', destination: 'b' }),
    () => client.delete({ model: 'org/tiny' }),
  ])
    await expect(trying()).rejects.toMatchObject({
      status_code: 501,
      message: expect.stringContaining('open MLX Mesh'),
    })
})

test('a tool is called, and its result is answered, the whole way, streamed and not', async () => {
  const client = await meshClient()
  const tools = [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }]
  const asked = { model: 'scripted', tools, options: { num_predict: 20 } }
  const question = { role: 'user', content: 'Please look' }
  const { message } = await client.chat({ ...asked, messages: [question], think: true })
  expect(message.thinking).not.toBe('')
  expect(message.tool_calls).toMatchObject([
    { function: { name: 'look', arguments: { text: expect.any(String) } } },
  ])
  const streamed = []
  for await (const part of await client.chat({ ...asked, messages: [question], stream: true }))
    streamed.push(...(part.message.tool_calls ?? []))
  expect(streamed).toMatchObject([{ function: { name: 'look', arguments: { text: expect.any(String) } } }])
  const result = { role: 'tool', content: 'A cat', tool_name: 'look' }
  const answer = await client.chat({ ...asked, messages: [question, message, result] })
  expect(answer).toMatchObject({ done_reason: 'length', eval_count: 20 })
})

test('the same request says the same whole and streamed, and a model is loaded, the whole way', async () => {
  const client = await meshClient()
  const asked = { ...hello, model: 'scripted:latest', options: { temperature: 0, num_predict: 12 } }
  const { message } = await client.chat(asked)
  expect(message.content).not.toBe('')
  expect(await textOf(await client.chat({ ...asked, stream: true }))).toBe(message.content)
  expect(await client.generate({ model: 'scripted', prompt: '' })).toMatchObject({ done_reason: 'load' })
  await expect(client.generate({ model: 'nobody/has', prompt: '' })).rejects.toMatchObject({
    status_code: 404,
  })
})
