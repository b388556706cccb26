// Meshes for tests: a machine and a peer for each Mac.
import { machinesMissing } from './ip.ts'
import type { Machine } from './machine.ts'
import { startAll, startMesh } from './mesh.ts'
import { createNetwork, type Network } from './network.ts'
import type { PeerOptions, PlacedPeer } from './peer.ts'

type Options = Omit<PeerOptions, 'place'>

export interface TestMac {
  readonly machine: Machine
  /** The one that runs, or ran last: a test puts another one here when it has started it again. */
  peer: PlacedPeer
}

export interface TestMesh {
  readonly network: Network
  readonly macs: readonly TestMac[]
  close(): Promise<void>
}

/** In the titles of tests that need machines, with the reason when they are skipped. */
export const onMachines = `on machines of their own${machinesMissing === null ? '' : ` (${machinesMissing})`}`

/** 100 tokens a second, loaded from the start. */
export const scripted: Options = {
  args: ['--engine', 'scripted:tokensPerSecond=100,loadMs=0', '--load', 'scripted'],
}

/** Routes requests and runs nothing, so that every one of them goes to another Mac. */
export const controller: Options = { args: ['--engine', 'scripted'], cluster: { mode: 'controller' } }

/** Members of one mesh, which see each other. */
export function makeMesh(options: readonly Options[]): Promise<TestMesh> {
  return make(options, startMesh)
}

/** Macs that do not belong to each other yet. */
export function makeStrangers(options: readonly Options[]): Promise<TestMesh> {
  return make(options, startAll)
}

export function nth<T>(items: readonly T[], at: number): T {
  const item = items[at]
  if (item === undefined) throw new RangeError(`there is no item ${at} of ${items.length}`)
  return item
}

async function make(options: readonly Options[], start: typeof startMesh): Promise<TestMesh> {
  const network = await createNetwork()
  try {
    const machines: Machine[] = []
    while (machines.length < options.length) machines.push(await network.addMachine())
    const peers = await start(machines, at => nth(options, at))
    const macs = peers.map((peer, at) => ({ machine: nth(machines, at), peer }))
    return {
      network,
      macs,
      close: async () => {
        await Promise.all(machines.map(machine => machine.thaw()))
        await Promise.all(macs.map(({ peer }) => peer.close()))
        await network.close()
      },
    }
  } catch (error) {
    await network.close()
    throw error
  }
}
