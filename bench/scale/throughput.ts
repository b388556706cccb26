// Tokens/s of a mesh through one gateway, over the number of workers.
import { onlineFor, until } from '../../test/machines/mesh.ts'
import { chats } from '../load/requests.ts'
import { startLoadOn } from '../load/start-load.ts'
import { controller, scriptedAt, withMesh } from '../programs/test-mesh.ts'

export interface Throughput {
  readonly workers: number
  readonly tokensPerS: number
  readonly errors: number
}

/** From many to few, as workers can be stopped one by one. */
const sizes = [10, 5, 2, 1]
/** What a worker can serve at once, and what is asked of it: each always has enough to do if the work is shared well. */
const atOnce = 16
const streamsPerWorker = 24
const tokensPerS = 20
const streamTokens = 40
const withinMs = 20_000

export function measureThroughput(measureMs: number): Promise<Throughput[]> {
  const [most = 0] = sizes
  const options = [
    controller,
    ...Array.from({ length: most }, () => scriptedAt(tokensPerS, `,atOnce=${atOnce}`)),
  ]
  return withMesh(options, async ({ peers: [gateway, ...workers], machines: [apps] }) => {
    if (!gateway || !apps) throw new Error('no gateway')
    const found: Throughput[] = []
    for (const size of sizes) {
      await Promise.all(workers.splice(size).map(worker => worker.stop()))
      await until(
        async () => (await onlineFor(gateway)).length === size || 'more',
        withinMs,
        `${size} workers`,
      )
      const url = `http://127.0.0.1:${gateway.port}`
      const load = { url, model: 'scripted', tokens: streamTokens, streaming: true }
      const result = await startLoadOn(
        apps,
        chats({ ...load, connections: size * streamsPerWorker, measureMs }),
      )
      const errors = Object.values(result.errors).reduce((sum, count) => sum + count, 0)
      found.push({ workers: size, tokensPerS: result.tokensPerS, errors })
      process.stderr.write(
        `${size} workers: ${Math.round(result.tokensPerS)} tokens/s, ${JSON.stringify(result.errors)}\n`,
      )
    }
    return found.reverse()
  })
}
