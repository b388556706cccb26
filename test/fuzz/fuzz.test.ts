// Malformed and hostile requests against a real peer with real models: no crash, no hang, no 500, and the next good
// request is served as before. To repeat a run: FUZZ_SEED, and FUZZ_REQUESTS for how many.
import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { embeddingModel, startClientsPeer } from '../clients/support/clients-peer.ts'
import { Random } from '../support/random.ts'
import { tinyModelFolder } from '../support/runtime.ts'
import type { ServedPeer } from '../support/serve.ts'
import { spoil, spoilText } from './hostile.ts'
import { type Answer, faultOf } from './judge.ts'
import { type Sensible, sensibleRequests } from './valid-bodies.ts'

const requests = Number(process.env['FUZZ_REQUESTS'] ?? 10_000)
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31)
const atOnce = 16
/** Longer than any answer takes here; a request that hangs would hang for ever. */
const patienceMs = 120_000
/** What may be kept of them all: caches have limits of their own. */
const maxGrowthMiB = 400
/** An answer to a request whose limit was spoiled ends there. */
const contextTokens = 512
const model = 'tiny-short'
const sensible = sensibleRequests(model, embeddingModel)
let peer: ServedPeer

beforeAll(async () => {
  peer = await startClientsPeer(makeShortModel)
})

afterAll(() => peer?.close())

test.each(sensible)('what is spoiled is answered while it is whole: $path $body', async request => {
  const answer = await ask(request.path, JSON.stringify(request.body))
  expect(answer).toMatchObject({ status: 200 })
  expect(faultOf(request.path, answer)).toBe(null)
})

test(`${requests} malformed and hostile requests do no harm`, { timeout: 900_000 }, async () => {
  const goodBefore = await goodAnswer()
  const processes = peer.descendants().map(({ pid }) => pid)
  const memoryBefore = memoryMiB([peer.pid, ...processes])
  const random = new Random(seed)
  const tally = new Tally()
  let sent = 0
  const send = async () => {
    while (sent++ < requests && tally.faults.length < 5) await tally.take(makeHostile(random))
  }
  await Promise.all(Array.from({ length: atOnce }, send))
  console.log(tally.report())
  expect(tally.faults, `seed ${seed}`).toEqual([])
  // It was not all refused at the door, and not all let through.
  expect(tally.count(200)).toBeGreaterThan(requests / 20)
  expect(tally.count(400)).toBeGreaterThan(requests / 4)
  expect(await goodAnswer()).toBe(goodBefore)
  const processesAfter = peer.descendants().map(({ pid }) => pid)
  expect(processesAfter, 'no process has ended').toEqual(processes)
  const memoryAfter = memoryMiB([peer.pid, ...processes])
  console.log('MiB of memory:', memoryBefore, '→', memoryAfter)
  for (const [index, before] of memoryBefore.entries())
    expect((memoryAfter[index] ?? 0) - before).toBeLessThan(maxGrowthMiB)
})

interface Hostile {
  readonly path: string
  readonly body: string | Uint8Array<ArrayBuffer>
}

class Tally {
  readonly faults: string[] = []
  readonly #seen = new Map<string, number>()
  #slowest: { readonly ms: number; readonly what: string }[] = []

  async take({ path, body }: Hostile): Promise<void> {
    const what = `${path} ${typeof body === 'string' ? shortened(body) : 'bytes'}`
    const startedMs = performance.now()
    try {
      const answer = await ask(path, body)
      this.#add(`${answer.status}`)
      const fault = faultOf(path, answer)
      if (fault) this.faults.push(`${what}: ${answer.status}, ${fault}: ${answer.text.slice(-500)}`)
    } catch (error) {
      this.faults.push(`${what}: ${error}`)
    }
    this.#slowest.push({ ms: Math.round(performance.now() - startedMs), what })
    this.#slowest = this.#slowest.sort((a, b) => b.ms - a.ms).slice(0, 10)
  }

  count(status: number): number {
    return this.#seen.get(`${status}`) ?? 0
  }

  report(): string {
    const counts = [...this.#seen].map(([status, count]) => `${status}: ${count}`).join(', ')
    const slowest = this.#slowest.map(({ ms, what }) => `\n  ${ms} ms ${shortened(what, 500)}`).join('')
    return `seed ${seed}; answers by status: ${counts}; the slowest:${slowest}\n`
  }

  #add(key: string): void {
    this.#seen.set(key, (this.#seen.get(key) ?? 0) + 1)
  }
}

function makeHostile(random: Random): Hostile {
  const { path, body } = random.of(sensible)
  const text = JSON.stringify(spoil(varied(body, random), random))
  return { path, body: random.next() < 0.1 ? spoilText(text, random) : text }
}

/** Requests that are the same and have a seed would share one generation. */
function varied(body: Sensible['body'], random: Random): Sensible['body'] {
  return 'seed' in body ? { ...body, seed: Math.floor(random.next() * 2 ** 31) } : body
}

async function ask(path: string, body: Hostile['body']): Promise<Answer> {
  const response = await fetch(peer.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    signal: AbortSignal.timeout(patienceMs),
  })
  const contentType = response.headers.get('content-type') ?? ''
  return { status: response.status, contentType, text: await response.text() }
}

const completed = z.object({ choices: z.array(z.object({ message: z.object({ content: z.string() }) })) })

async function goodAnswer(): Promise<string | undefined> {
  const messages = [{ role: 'user', content: 'Hello' }]
  const body = JSON.stringify({ model, messages, temperature: 0, max_tokens: 8 })
  const answer = await ask('/v1/chat/completions', body)
  expect(answer).toMatchObject({ status: 200 })
  return completed.parse(JSON.parse(answer.text)).choices[0]?.message.content
}

function makeShortModel(modelsFolder: string): void {
  const folder = join(modelsFolder, model)
  cpSync(tinyModelFolder, folder, { recursive: true, dereference: true })
  const path = join(folder, 'config.json')
  const config = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(path, 'utf8')))
  writeFileSync(path, JSON.stringify({ ...config, max_position_embeddings: contextTokens }))
}

function memoryMiB(pids: readonly number[]): number[] {
  return pids.map(pid => {
    const kibibytes = execFileSync('ps', ['-o', 'rss=', '-p', `${pid}`], { encoding: 'utf8' })
    return Math.round(Number(kibibytes) / 1024)
  })
}

function shortened(text: string, most = 2000): string {
  return text.length > most ? `${text.slice(0, most - 200)} … ${text.slice(-200)}` : text
}
