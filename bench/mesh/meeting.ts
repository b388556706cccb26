// How long Macs take to find each other, from the command that starts them on.
import { ask } from '../../test/machines/ask.ts'
import { allSeeAll, onlineFor, until, workerIdOf } from '../../test/machines/mesh.ts'
import type { PlacedPeer } from '../../test/machines/peer.ts'
import { controller, scripted, withMesh } from '../programs/test-mesh.ts'

const withinMs = 30_000

/** One of four members starts while the others are up: until all see all. */
export function lateJoiner(): Promise<number> {
  return withMesh([scripted, scripted, scripted, scripted], async ({ peers: [late, ...others] }) => {
    if (!late) throw new Error('no peer')
    await leave(late, others)
    return startAndClose(late, async again => {
      await allSeeAll([again, ...others], { withinMs })
      return performance.now() - again.begunAtMs
    })
  })
}

/** Five members start together: until all see all. */
export function allAtOnce(): Promise<number> {
  return withMesh([scripted, scripted, scripted, scripted, scripted], async ({ peers }) => {
    await Promise.all(peers.map(peer => peer.stop()))
    const begunAtMs = performance.now()
    const again = await Promise.all(peers.map(peer => peer.startAgain()))
    try {
      await allSeeAll(again, { withinMs })
      return performance.now() - begunAtMs
    } finally {
      await Promise.all(again.map(peer => peer.close()))
    }
  })
}

/** The only member that can generate starts: until another Mac's request is answered by it. */
export function firstRequest(): Promise<number> {
  return withMesh([controller, scripted], async ({ peers: [gateway, worker] }) => {
    if (!gateway || !worker) throw new Error('no peer')
    await leave(worker, [gateway])
    const begunAtMs = performance.now()
    const starting = worker.startAgain()
    const answered = until(
      async () => {
        const { end, reason } = await ask(gateway.url, { model: 'scripted', prompt: 'hello', maxTokens: 1 })
        return end === 'complete' || reason
      },
      withinMs,
      'an answer',
    ).then(() => performance.now() - begunAtMs)
    const again = await starting
    try {
      return await answered
    } finally {
      await again.close()
    }
  })
}

async function leave(peer: PlacedPeer, others: readonly PlacedPeer[]): Promise<void> {
  const id = await workerIdOf(peer)
  await peer.stop()
  for (const other of others) {
    await until(
      async () => !(await onlineFor(other)).includes(id) || 'it is there',
      withinMs,
      'a Mac to be gone',
    )
  }
}

async function startAndClose<T>(peer: PlacedPeer, run: (again: PlacedPeer) => Promise<T>): Promise<T> {
  const again = await peer.startAgain()
  try {
    return await run(again)
  } finally {
    await again.close()
  }
}
