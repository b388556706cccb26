// A model goes from one Mac to another and answers there: real peers, a real nats-server between them, a real model.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import OpenAI from 'openai'
import { expect, onTestFinished, test } from 'vitest'
import { startNatsServer } from '../../main/fabric/nats-server.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { runCommand } from '../cli/fake-terminal.ts'
import { natsServerBinary, tinyModelFolder } from '../support/runtime.ts'
import { type ServedPeer, startServe } from '../support/serve.ts'
import { makeTempFolder } from '../support/temp-folder.ts'

async function answerOf({ url }: ServedPeer) {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 })
  const { data, response } = await client.chat.completions
    .create({ model: 'tiny', messages: [{ role: 'user', content: 'Hi' }], temperature: 0, max_tokens: 12 })
    .withResponse()
  return { text: data.choices[0]?.message.content, worker: response.headers.get('x-mlx-mesh-worker') }
}

test('a model of another Mac is loaded by its name, and answers when that Mac is gone', async () => {
  const runFolder = makeTempFolder()
  const nats = await startNatsServer({ binary: natsServerBinary, runFolder, log: silentLog })
  onTestFinished(() => nats.stop())
  const { host, port, user = '', password = '' } = nats.address()
  const env = {
    MLX_MESH_NATS_EMBEDDED: 'false',
    MLX_MESH_NATS_SERVER_URL: `nats://${host}:${port}`,
    MLX_MESH_NATS_USER: user,
    MLX_MESH_NATS_PASSWORD: password,
  }
  const giver = await startServe({ env })
  onTestFinished(() => giver.close())
  const taker = await startServe({ env, dataFolder: makeTempFolder() })
  onTestFinished(() => taker.close())
  const command = (...argv: string[]) => runCommand([...argv, '--url', taker.url], { home: makeTempFolder() })

  await expect.poll(async () => (await command('models')).output).toMatch(/^tiny +elsewhere/m)
  const there = await answerOf(taker)
  const { code, notes } = await command('load', 'tiny')
  expect(notes).toMatch(/tiny: (copying|loading|warming)/)
  expect(code).toBe(0)
  const name = 'model.safetensors'
  const copied = readFileSync(join(taker.dataFolder, 'models', 'tiny', name))
  expect(copied.equals(readFileSync(join(tinyModelFolder, name)))).toBe(true)
  expect(existsSync(join(taker.dataFolder, 'models', '.partial', 'tiny'))).toBe(false)

  await giver.close()
  const here = await answerOf(taker)
  expect(here.text).toBe(there.text)
  expect(here.worker).not.toBe(there.worker)
})
