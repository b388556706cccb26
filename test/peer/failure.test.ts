// What users see when parts of a peer die: real processes, real models, the official client.
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { dataPaths } from '../../main/config/data-folder.ts'
import { isAlive, type ServedPeer, startServe } from '../support/serve.ts'
import { makeSmallDisk, makeTempFolder, noSmallDisk } from '../support/temp-folder.ts'

/** The slow starter model leaves time to do harm in the middle of an answer. */
const model = 'SmolLM2-135M-Instruct'
const messages = [{ role: 'user' as const, content: 'Count from one to fifty in words.' }]

/** Both models' tokens that end a text are out: an answer is as long as was asked for. */
const withoutEnd = { '0': -100, '2': -100 }

let peer: ServedPeer
let client: OpenAI

beforeAll(async () => {
  peer = await startServe({ args: ['--load', model] })
  client = clientOf(peer)
})

afterAll(() => peer?.close())

function clientOf({ url }: ServedPeer): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 })
}

function processOf(name: string, owner = peer): number {
  const found = owner
    .descendants()
    .find(({ command }) => command.includes(name) && !command.startsWith('sh '))
  if (!found) throw new Error(`the peer has no process ${name}`)
  return found.pid
}

/** Streams a greedy answer; `onToken` is called with the number of its tokens so far. */
async function stream(
  maxTokens: number,
  onToken: (count: number) => void = () => {},
  from = client,
  modelId = model,
): Promise<string> {
  const chunks = await from.chat.completions.create({
    model: modelId,
    messages,
    temperature: 0,
    max_tokens: maxTokens,
    logit_bias: withoutEnd,
    stream: true,
  })
  let text = ''
  let count = 0
  for await (const chunk of chunks) {
    text += chunk.choices[0]?.delta.content ?? ''
    onToken(++count)
  }
  return text
}

async function expectServing(from = client): Promise<void> {
  expect(await stream(4, () => {}, from)).not.toBe('')
}

/** This checkout with another runtime in the place of `python/`. */
function checkoutWith(runtime: string): string {
  const root = resolve(import.meta.dirname, '..', '..')
  const folder = makeTempFolder()
  cpSync(join(root, 'main'), join(folder, 'main'), { recursive: true })
  for (const part of ['package.json', 'node_modules', 'resources']) {
    symlinkSync(join(root, part), join(folder, part))
  }
  symlinkSync(join(root, runtime), join(folder, 'python'))
  return folder
}

describe('a stream', () => {
  const tokens = 50
  let undisturbed: string

  beforeAll(async () => {
    undisturbed = await stream(tokens)
  })

  test('loses nothing when nats-server is killed in the middle of it', async () => {
    const killed: number[] = []
    const text = await stream(tokens, count => {
      if (count !== 10) return
      killed.push(processOf('nats-server -c'))
      for (const pid of killed) process.kill(pid, 'SIGKILL')
    })
    expect(text).toBe(undisturbed)
    expect(killed.map(isAlive)).toEqual([false])
    await expectServing()
  })

  test.each(['SIGKILL', 'SIGSTOP'] as const)(
    'goes on when the model process receives %s in the middle of it',
    async signal => {
      const text = await stream(tokens, count => {
        if (count === 5) process.kill(processOf('mlx_mesh_runtime'), signal)
      })
      expect(text).toBe(undisturbed)
    },
    60_000,
  )

  test('goes on when a step throws, and ends with a readable error when steps throw again and again', async () => {
    const other = await startServe({ checkout: checkoutWith('test/fixtures/throwing-runtime') })
    onTestFinished(() => other.close())
    const itsClient = clientOf(other)
    const say = (maxTokens: number, from: OpenAI) => stream(maxTokens, () => {}, from, 'tiny')
    expect(await say(tokens, itsClient)).toBe(await say(tokens, client))
    await expect(say(200, itsClient)).rejects.toThrow(/failed in a step; the request may be repeated/)
    expect(await say(4, itsClient)).not.toBe('')
  })

  test('that its client leaves frees its place', async () => {
    const controller = new AbortController()
    const chunks = await client.chat.completions.create(
      { model, messages, max_tokens: 2000, stream: true },
      { signal: controller.signal },
    )
    for await (const _ of chunks) controller.abort()
    await expect.poll(activeRequests).toBe(0)
  })
})

describe('a peer', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGKILL'] as const)('leaves no process behind after %s', async signal => {
    const other = await startServe({ args: ['--load', 'tiny'] })
    try {
      await expect
        .poll(() => other.descendants().some(({ command }) => command.includes('mlx_mesh_runtime')))
        .toBe(true)
      const children = other.descendants()
      const code = await other.end(signal)
      expect(code).toBe(signal === 'SIGKILL' ? null : 0)
      await expect.poll(() => children.filter(({ pid }) => isAlive(pid)), { timeout: 10_000 }).toEqual([])
    } finally {
      await other.close()
    }
  })

  test.skipIf(noSmallDisk)(
    `serves on when the disk of its log and history is full${noSmallDisk ? ` (${noSmallDisk})` : ''}`,
    async () => {
      const disk = makeSmallDisk()
      const other = await startServe({ dataFolder: disk })
      onTestFinished(() => other.close())
      const itsClient = clientOf(other)
      const logText = () => readFileSync(dataPaths(disk).logFile, 'utf8')
      const hog = join(disk, 'hog')
      expect(() => writeFileSync(hog, Buffer.alloc(2 * 2 ** 20))).toThrow(/ENOSPC/)
      await expectServing(itsClient)
      process.kill(processOf('nats-server -c', other), 'SIGKILL')
      await expectServing(itsClient)
      rmSync(hog)
      // What could not be written waited for its place.
      await expect.poll(logText, { timeout: 20_000 }).toContain('nats-server is gone')
      await expectServing(itsClient)
    },
  )

  test('answers 200 streams at once, each of them whole', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, n) => {
        const chunks = await client.chat.completions.create({
          model: 'tiny',
          messages: [{ role: 'user', content: `${n}` }],
          max_tokens: 8,
          stream: true,
          stream_options: { include_usage: true },
          logit_bias: withoutEnd,
        })
        let tokens = 0
        for await (const chunk of chunks) tokens = chunk.usage?.completion_tokens ?? tokens
        return tokens
      }),
    )
    expect(answers).toEqual(Array.from({ length: 200 }, () => 8))
  }, 120_000)
})

async function activeRequests(): Promise<number> {
  const response = await fetch(`${peer.url}/api/cluster/status`)
  const status = (await response.json()) as { requests: { active: number } }
  return status.requests.active
}
