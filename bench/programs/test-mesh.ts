// A mesh on machines of its own, for as long as something is measured on it.
import type { Machine } from '../../test/machines/machine.ts'
import { startMesh } from '../../test/machines/mesh.ts'
import { createNetwork } from '../../test/machines/network.ts'
import type { PeerOptions, PlacedPeer } from '../../test/machines/peer.ts'

export interface BenchMesh {
  readonly machines: readonly Machine[]
  readonly peers: readonly PlacedPeer[]
}

type Options = Omit<PeerOptions, 'place'>

export const scripted = scriptedAt(100)

/** Routes requests and runs nothing. */
export const controller: Options = { args: ['--engine', 'scripted'], cluster: { mode: 'controller' } }

/** `more` of the script, each part behind a comma. */
export function scriptedAt(tokensPerS: number, more = ''): Options {
  return {
    args: ['--engine', `scripted:tokensPerSecond=${tokensPerS},loadMs=0${more}`, '--load', 'scripted'],
  }
}

/** A machine and a peer for each of the options; all of it is gone afterwards. */
export async function withMesh<T>(
  options: readonly Options[],
  run: (mesh: BenchMesh) => Promise<T>,
): Promise<T> {
  const network = await createNetwork()
  try {
    const machines: Machine[] = []
    while (machines.length < options.length) machines.push(await network.addMachine())
    const peers = await startMesh(machines, at => options[at] ?? scripted)
    try {
      return await run({ machines, peers })
    } finally {
      await Promise.all(peers.map(peer => peer.close()))
    }
  } finally {
    await network.close()
  }
}
