// The systems that are compared, each on a network of its own: one machine for the apps and the router, two that generate.
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Machine } from '../../test/machines/machine.ts'
import { startMesh, until } from '../../test/machines/mesh.ts'
import { createNetwork } from '../../test/machines/network.ts'
import { startHerd } from '../programs/herd.ts'

export interface Running {
  /** Where the apps are. */
  readonly apps: Machine
  readonly workers: readonly Machine[]
  /** As apps on their machine reach the router. */
  readonly url: string
  /** As this process reaches it. */
  readonly urlHere: string
  readonly model: string
  close(): Promise<void>
}

export interface System {
  readonly name: 'direct' | 'mlx-mesh' | 'ollama-herd'
  /** 0: the whole answer at once. */
  start(tokensPerS: number): Promise<Running>
}

/** What a system has started: where its router listens. */
interface Started {
  readonly machine: Machine
  readonly address: string
  readonly port: number
  stop(): Promise<void>
}

const workerCount = 2
const listedWithinMs = 60_000
const backEnd = join(import.meta.dirname, '..', 'programs', 'upstream.ts')

export const mesh: System = {
  name: 'mlx-mesh',
  start: tokensPerS =>
    run('scripted', async (apps, workers) => {
      const engine = ['--engine', `scripted:tokensPerSecond=${tokensPerS},loadMs=0`]
      const peers = await startMesh([apps, ...workers], at =>
        at === 0
          ? { args: engine, cluster: { mode: 'controller' } }
          : { args: [...engine, '--load', 'scripted'] },
      )
      const [gateway] = peers
      if (!gateway) throw new Error('no gateway')
      const stop = async () => void (await Promise.all(peers.map(peer => peer.close())))
      return { machine: apps, address: '127.0.0.1', port: gateway.port, stop }
    }),
}

/** The back end without anything before it. */
export const direct: System = {
  name: 'direct',
  start: tokensPerS =>
    run(`bench-${tokensPerS}`, async (_apps, [worker]) => {
      if (!worker) throw new Error('no machine')
      const program = worker.run({ command: process.execPath, args: [backEnd, '0.0.0.0'] })
      const [line = ''] = await once(createInterface({ input: program.stdout }), 'line')
      const port = Number(/^port (\d+)$/.exec(line)?.[1])
      return {
        machine: worker,
        address: worker.address,
        port,
        stop: async () => void (await program.stop(0)),
      }
    }),
}

/** `programs`: where it is installed. */
export function herdIn(programs: string, newFolder: () => string): System {
  return {
    name: 'ollama-herd',
    start: tokensPerS => {
      const model = `bench-${tokensPerS}:latest`
      return run(model, async (apps, workers) => ({
        machine: apps,
        address: '127.0.0.1',
        port: await startHerd({ programs, folder: newFolder(), router: apps, workers, models: [model] }),
        stop: async () => {},
      }))
    },
  }
}

async function run(
  model: string,
  start: (apps: Machine, workers: readonly Machine[]) => Promise<Started>,
): Promise<Running> {
  const network = await createNetwork()
  try {
    const apps = await network.addMachine()
    const workers: Machine[] = []
    while (workers.length < workerCount) workers.push(await network.addMachine())
    const { machine, address, port, stop } = await start(apps, workers)
    const urlHere = await machine.urlOf(port)
    await until(() => answers(urlHere, model), listedWithinMs, `an answer of ${model}`)
    return {
      apps,
      workers,
      url: `http://${address}:${port}`,
      urlHere,
      model,
      close: async () => {
        await stop()
        await network.close()
      },
    }
  } catch (error) {
    await network.close()
    throw error
  }
}

async function answers(url: string, model: string): Promise<true | string> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, max_tokens: 1, messages: [{ role: 'user', content: 'Hello' }] }),
    signal: AbortSignal.timeout(listedWithinMs),
  })
  const said = await response.text()
  return response.ok || said.slice(0, 200)
}
