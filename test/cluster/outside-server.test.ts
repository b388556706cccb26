import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { ask } from '../machines/ask.ts'
import { machinesMissing } from '../machines/ip.ts'
import type { Machine } from '../machines/machine.ts'
import { allSeeAll, onlineFor, startAll, until, workerIdOf } from '../machines/mesh.ts'
import { startNatsOn } from '../machines/nats.ts'
import { createNetwork, type Network } from '../machines/network.ts'
import type { PlacedPeer } from '../machines/peer.ts'

const question = { model: 'scripted', prompt: 'what is a mesh', maxTokens: 150 }

describe.skipIf(machinesMissing !== null)('two Macs at a nats-server that their owner runs', () => {
  let network: Network
  let machines: Machine[]
  let peers: PlacedPeer[]

  beforeAll(async () => {
    network = await createNetwork()
    const server = await network.addMachine()
    machines = [await network.addMachine(), await network.addMachine()]
    const { cluster } = await startNatsOn(server)
    peers = await startAll(machines, () => ({
      args: ['--engine', 'scripted:tokensPerSecond=100,loadMs=0', '--load', 'scripted'],
      cluster,
    }))
    await allSeeAll(peers)
  })

  afterAll(async () => {
    await Promise.all(peers?.map(peer => peer.close()) ?? [])
    await network?.close()
  })

  test('serve each other', async () => {
    const [one, two] = peers
    if (!one || !two) throw new Error('two peers were asked for')
    const [here, there] = await Promise.all([ask(one.url, question), ask(two.url, question)])
    expect(here).toMatchObject({ end: 'complete', tokens: 150 })
    expect(there.text).toBe(here.text)
  })

  test('miss one whose cable is pulled, and have it back with the cable', async () => {
    const [one, two] = peers
    if (!one || !two) throw new Error('two peers were asked for')
    const lost = await workerIdOf(two)
    const sees = async (expected: boolean) => {
      const online = await onlineFor(one)
      return online.includes(lost) === expected || online.join()
    }
    await machines[1]?.unplug()
    onTestFinished(() => machines[1]?.plug())
    await until(() => sees(false), 8_000, 'the lost Mac to be offline')
    expect(await ask(one.url, question)).toMatchObject({ end: 'complete', tokens: 150 })
    await machines[1]?.plug()
    await until(() => sees(true), 20_000, 'the Mac to be online again')
  })
})
