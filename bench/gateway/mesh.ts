import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startNats } from '../programs/nats.ts'
import { startPeer } from '../programs/peer.ts'
import { type Program, startProgram } from '../programs/program.ts'
import { models } from './scenarios.ts'

const workerProgram = fileURLToPath(new URL('../programs/stamped-worker.ts', import.meta.url))
const readyWithinMs = 10_000

/** The gateway under test as a peer that only controls, and a worker with scripted tokens, over one nats-server. */
export async function startMesh(folder: string): Promise<{ url: string; pid: number; programs: Program[] }> {
  const programs: Program[] = []
  try {
    const nats = await startNats(folder)
    programs.unshift(nats)
    const peer = await startPeer({
      home: folder,
      place: 'under-test',
      engine: 'scripted',
      models: {},
      cluster: { mode: 'controller', nats: { embedded: false, server_url: nats.url } },
    })
    programs.unshift(peer)
    programs.unshift(
      await startProgram({
        name: 'worker',
        command: process.execPath,
        args: [workerProgram, nats.url, ...models],
        place: 'others',
        ready: /^ready$/,
        readyWithinMs,
      }),
    )
    await waitForModels(peer.url)
    return { url: peer.url, pid: peer.pid, programs }
  } catch (error) {
    for (const program of programs) await program.stop()
    throw error
  }
}

async function waitForModels(url: string): Promise<void> {
  const deadlineMs = performance.now() + readyWithinMs
  for (;;) {
    const listed = await (await fetch(`${url}/v1/models`)).text()
    if (models.every(modelId => listed.includes(`"${modelId}"`))) return
    if (performance.now() > deadlineMs) throw new Error(`the gateway does not see the worker: ${listed}`)
    await sleep(100)
  }
}
