import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Bus } from '../../main/fabric/bus.ts'
import { openNatsBus } from '../../main/fabric/nats-bus.ts'
import { startNatsServer } from '../../main/fabric/nats-server.ts'
import type { InferEvent } from '../../main/gateway/infer.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { reconnectionOf } from '../fabric/inbox.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { sequence, startMesh } from '../support/mesh-in-memory.ts'
import { natsServerBinary } from '../support/runtime.ts'
import { letTimePass } from '../support/time.ts'

/** Everybody tells the time by one clock that stands still; only the server and the client's pings do not. */
async function startMeshOnServer(clock: ManualClock) {
  const runFolder = await mkdtemp(join(tmpdir(), 'mlx mesh '))
  const server = await startNatsServer({ binary: natsServerBinary, runFolder, log: silentLog })
  const buses: Bus[] = []
  onTestFinished(async () => {
    await Promise.all(buses.map(bus => bus.close()))
    await server.stop()
    await rm(runFolder, { recursive: true })
  })
  const joinServer = async () => {
    const bus = await openNatsBus({ server: server.address, log: silentLog, clock })
    buses.push(bus)
    return bus
  }
  const mesh = await startMesh(joinServer, { clock, script: { tokensPerSecond: 100 } })
  return {
    infer: mesh.infer,
    server,
    buses,
    /** What is due in the next 10 ms is done, and has arrived. */
    async step() {
      clock.advance(10)
      for (const bus of [...buses, ...buses]) await bus.flush(5000)
    },
  }
}

test('an answer survives when our own server freezes, however late its clients notice', async () => {
  const clock = new ManualClock()
  const { infer, server, buses, step } = await startMeshOnServer(clock)
  const heard: InferEvent[] = []
  let ended = false
  const answer = (async () => {
    for await (const event of infer(sequence({ maxTokens: 50 }), new AbortController().signal))
      heard.push(event)
  })().finally(() => {
    ended = true
  })
  const steps = (async () => {
    while (heard.length < 10) await step()
    process.kill(server.pid(), 'SIGSTOP')
    await letTimePass(clock, 3000)
    expect(buses.map(bus => bus.connected)).toEqual([true, true])
    const reconnections = buses.map(reconnectionOf)
    process.kill(server.pid(), 'SIGKILL')
    await Promise.all(reconnections)
    while (!ended) await step()
  })()
  await Promise.all([answer, steps])
  expect(heard.at(-1)).toMatchObject({ type: 'done', totalTokens: 50 })
})
