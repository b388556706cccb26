// The whole way of a download with a real runtime: asked for by its name at the door of a peer, then it answers.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { tinyModelFolder } from '../support/runtime.ts'
import { type ServedPeer, startServe } from '../support/serve.ts'
import { makeTempFolder } from '../support/temp-folder.ts'
import { repositoryOf, startFakeHub } from './fake-hub.ts'

const modelId = 'mlx-community/Tiny-1M-bf16'

const megabyte = 2 ** 20

async function jsonFrom<T>(url: string, shape: z.ZodType<T>): Promise<T> {
  return shape.parse(await (await fetch(url)).json())
}

const worker = z.looseObject({
  models: z.array(z.looseObject({ modelId: z.string(), state: z.string(), reason: z.string().nullable() })),
})

test('a download goes on where it was after its peer was killed in the middle', async () => {
  const hub = await startFakeHub()
  hub.repositories.set(modelId, repositoryOf(40 * megabyte))
  const dataFolder = makeTempFolder()
  const start = () => startServe({ dataFolder, env: { HF_ENDPOINT: hub.url } })
  const order = async (peer: ServedPeer) => {
    const { workerId } = await jsonFrom(`${peer.url}/health`, z.looseObject({ workerId: z.string() }))
    const body = JSON.stringify({ modelId })
    const path = `/api/cluster/workers/${workerId}`
    expect((await fetch(`${peer.url}${path}/load-model`, { method: 'POST', body })).status).toBe(202)
    return async () => {
      const { models } = await jsonFrom(`${peer.url}${path}`, worker)
      return models.find(model => model.modelId === modelId)?.state
    }
  }
  const killed = await start()
  onTestFinished(() => killed.close())
  const halfSent = new Promise<void>(resolve => {
    hub.ways.onSent = (_, bytes) => {
      if (bytes > 30 * megabyte) resolve()
    }
  })
  Object.assign(hub.ways, { mostBytes: 32 * megabyte, standsStill: true })
  await order(killed)
  await halfSent
  await killed.end('SIGKILL')

  hub.ways.mostBytes = Number.POSITIVE_INFINITY
  hub.asked.length = 0
  const again = await start()
  onTestFinished(() => again.close())
  const stateOf = await order(again)
  // Its weights are noise: that they cannot be loaded is said only of a model that is there.
  await expect.poll(stateOf, { timeout: 30_000, interval: 100 }).toBe('failed')
  const weights = hub.repositories.get(modelId)?.get('model.safetensors')
  const there = readFileSync(join(dataFolder, 'models', modelId, 'model.safetensors'))
  expect(weights && there.equals(weights)).toBe(true)
  const [firstAsked] = hub.asked.filter(({ path }) => path.startsWith('/cdn'))
  expect(firstAsked?.fromByte).toBeGreaterThan(0)
}, 60_000)

test('a model of the hub is downloaded by a peer that is asked for it by its name, and answers', async () => {
  const hub = await startFakeHub()
  const names = readdirSync(tinyModelFolder).filter(name => !name.startsWith('.'))
  const files = names.map(name => [name, readFileSync(join(tinyModelFolder, name))] as const)
  hub.repositories.set(modelId, new Map(files))
  const peer = await startServe({ env: { HF_ENDPOINT: hub.url } })
  onTestFinished(() => peer.close())

  const send = async (path: string, body?: object) => {
    const response = await fetch(peer.url + path, {
      ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
      headers: { 'content-type': 'application/json' },
    })
    return { status: response.status, json: await response.json() }
  }
  const chat = { model: modelId, messages: [{ role: 'user', content: 'Hi' }], max_tokens: 5 }
  // A request for text downloads nothing.
  expect((await send('/v1/chat/completions', chat)).status).toBe(404)
  expect(hub.asked).toEqual([])

  const { workerId } = z.looseObject({ workerId: z.string() }).parse((await send('/health')).json)
  const begun = await send(`/api/cluster/workers/${workerId}/load-model`, { modelId })
  expect(begun).toMatchObject({ status: 202, json: { model: { modelId, state: 'downloading' } } })
  const stateOf = async () => {
    const { models } = worker.parse((await send(`/api/cluster/workers/${workerId}`)).json)
    return models.find(model => model.modelId === modelId)
  }
  await expect
    .poll(stateOf, { timeout: 60_000, interval: 200 })
    .toMatchObject({ state: 'ready', reason: null })

  expect(await send('/v1/chat/completions', chat)).toMatchObject({
    status: 200,
    json: { model: modelId, usage: { completion_tokens: 5 } },
  })
  expect(await send(`/v1/models/${modelId}`)).toMatchObject({ status: 200, json: { id: modelId } })
  expect((await send(`/api/cluster/workers/${workerId}/unload-model`, { modelId })).status).toBe(202)
  await expect.poll(stateOf, { timeout: 20_000 }).toMatchObject({ state: 'unloaded' })
}, 120_000)
