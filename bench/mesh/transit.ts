// What a token costs on its way between two Macs, and how many streams one gateway carries.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Machine } from '../../test/machines/machine.ts'
import { until } from '../../test/machines/mesh.ts'
import type { PlacedPeer } from '../../test/machines/peer.ts'
import type { LoadResult } from '../load/plan.ts'
import { chats } from '../load/requests.ts'
import { startLoadOn } from '../load/start-load.ts'
import { controller, withMesh } from '../programs/test-mesh.ts'

export interface Transit {
  /** Asked on the Mac that generates, and on the other one. */
  readonly local: LoadResult
  readonly remote: LoadResult
  /** As `remote`, while one chat of 15 MB after the other goes the same way. */
  readonly beside: LoadResult
  /** 100 streams of 100 tokens/s, asked on the other one. */
  readonly many: LoadResult
}

const workerProgram = join(import.meta.dirname, '..', 'programs', 'stamped-worker.ts')
const largeChats = fileURLToPath(new URL('../programs/large-chats.ts', import.meta.url))
const withinMs = 30_000
const models = ['bench-50', 'bench-100']

/** Two Macs, the tokens of one of them stamped when they are made: the clock is the same for all machines. */
export function measureTransit(rounds: number, measureMs: number): Promise<Transit[]> {
  return withMesh([controller, controller], async ({ peers: [far, near], machines: [farMac, nearMac] }) => {
    if (!far || !near || !farMac || !nearMac) throw new Error('two machines')
    await startWorker(near, nearMac)
    for (const peer of [far, near]) await until(() => lists(peer), withinMs, 'the worker to be seen')
    const stream = { model: 'bench-50', tokens: 100, streaming: true, connections: 16, measureMs }
    const found: Transit[] = []
    for (let round = 0; round <= rounds; round++) {
      const local = await startLoadOn(nearMac, chats({ ...stream, url: urlOf(near) }))
      const remote = await startLoadOn(farMac, chats({ ...stream, url: urlOf(far) }))
      const beside = await besideLargeChats(farMac, urlOf(far), () =>
        startLoadOn(farMac, chats({ ...stream, url: urlOf(far) })),
      )
      const crowd = { model: 'bench-100', tokens: 200, streaming: true, connections: 100, measureMs }
      const many = await startLoadOn(farMac, chats({ ...crowd, url: urlOf(far) }))
      // In the first round, compilers warm up.
      if (round > 0) found.push({ local, remote, beside, many })
      process.stderr.write(
        `round ${round}: p95 ${local.tokenTransit?.p95} µs, remote ${remote.tokenTransit?.p95} µs, beside ${beside.tokenTransit?.p95} µs, many ${Math.round(many.tokensPerS)}/s\n`,
      )
    }
    return found
  })
}

/** Rejects when one of the large chats is not answered, or none was. */
async function besideLargeChats<T>(machine: Machine, url: string, measure: () => Promise<T>): Promise<T> {
  const asking = machine.run({ command: process.execPath, args: [largeChats, url, 'bench-50'] })
  let [answered, complaints] = [0, '']
  asking.stdout.on('data', () => answered++)
  asking.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text
  })
  try {
    const result = await measure()
    if (complaints !== '' || answered === 0) throw new Error(`large chats: ${complaints || 'no answer'}`)
    return result
  } finally {
    await asking.stop(0)
  }
}

const natsConfig = z.object({
  listen: z.string(),
  authorization: z.object({ users: z.tuple([z.object({ user: z.string(), password: z.string() })]) }),
})

/** A worker beside the peer, at the peer's own nats-server. */
async function startWorker(peer: PlacedPeer, machine: Machine): Promise<void> {
  const file = join(peer.dataFolder, 'run', 'nats-server.conf')
  const { listen, authorization } = natsConfig.parse(JSON.parse(readFileSync(file, 'utf8')))
  const [{ user, password }] = authorization.users
  const worker = machine.run({
    command: process.execPath,
    args: [workerProgram, `nats://${user}:${password}@${listen}`, ...models],
  })
  const [said] = await Promise.race([
    new Promise<[string]>(resolve =>
      worker.stdout.once('data', (data: Buffer) => resolve([data.toString()])),
    ),
    worker.exited.then(({ reason }) => [reason]),
  ])
  if (said !== 'ready\n') throw new Error(`the worker: ${said}`)
}

async function lists(peer: PlacedPeer): Promise<true | string> {
  const listed = await (await fetch(`${peer.url}/v1/models`)).text()
  return models.every(modelId => listed.includes(`"${modelId}"`)) || listed
}

function urlOf(peer: PlacedPeer): string {
  return `http://127.0.0.1:${peer.port}`
}
