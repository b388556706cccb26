// Peers that have become one mesh by the doors that users have: `invite`, `join`, and what the HTTP interface tells.
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { makeMembers } from './members.ts'
import { type PeerOptions, type PlacedPeer, startPeerOn } from './peer.ts'
import type { Place } from './place.ts'

export type SeenWorker = z.infer<typeof seenWorker>

const seenWorker = z.object({
  workerId: z.string(),
  hostname: z.string(),
  status: z.enum(['online', 'degraded', 'offline']),
  models: z.array(z.object({ modelId: z.string(), state: z.string() })),
})
/** Of the peer on the place with this index. */
type OptionsOf = (at: number) => Omit<PeerOptions, 'place'>

const invited = z.object({ code: z.string(), addresses: z.array(z.string()) })
const meshWithinMs = 30_000
const pollMs = 25

/** One peer on each place, members of one mesh; resolves when all see all. */
export async function startMesh(places: readonly Place[], optionsOf: OptionsOf): Promise<PlacedPeer[]> {
  const members = await makeMembers(places)
  const options = places.map((_, at) => optionsOf(at))
  const peers = await startAll(places, at => {
    return { ...options[at], ...members[at], cluster: { ...options[at]?.cluster, ...members[at]?.cluster } }
  })
  try {
    const workers = options.filter(({ cluster }) => cluster?.['mode'] !== 'controller').length
    await allSeeAll(peers, { workers })
    return peers
  } catch (error) {
    await Promise.all(peers.map(peer => peer.close()))
    throw error
  }
}

/** Peers that do not know each other yet. */
export async function startAll(places: readonly Place[], optionsOf: OptionsOf): Promise<PlacedPeer[]> {
  const starts = await Promise.allSettled(places.map((place, at) => startPeerOn({ place, ...optionsOf(at) })))
  const peers = starts.flatMap(start => (start.status === 'fulfilled' ? [start.value] : []))
  const failed = starts.find(start => start.status === 'rejected')
  if (!failed) return peers
  await Promise.all(peers.map(peer => peer.close()))
  throw failed.reason
}

/** As two people do it who read a code from one screen and type it at the other; without an address, by mDNS. */
export async function pair(inviting: PlacedPeer, joining: PlacedPeer, by: 'address' | 'mDNS'): Promise<void> {
  const invitation = inviting.begin('invite', '--json')
  const { code, addresses } = invited.parse(JSON.parse(await invitation.firstLine))
  const address = addresses.find(each => each.startsWith(`${inviting.place.address}:`))
  if (address === undefined) throw new Error(`the invitation names ${addresses.join()}`)
  await joining.command('join', code, ...(by === 'address' ? ['--at', address] : []))
  await invitation.ended
}

export async function workersSeenBy(peer: PlacedPeer): Promise<SeenWorker[]> {
  const response = await fetch(`${peer.url}/api/cluster/workers`, { signal: AbortSignal.timeout(5_000) })
  return z.array(seenWorker).parse(await response.json())
}

/** Who can be asked to generate, as this peer sees it. */
export async function onlineFor(peer: PlacedPeer): Promise<string[]> {
  const workers = await workersSeenBy(peer)
  return workers.filter(({ status }) => status !== 'offline').map(({ workerId }) => workerId)
}

/** Resolves once each of these peers sees so many workers online. */
export async function allSeeAll(
  peers: readonly PlacedPeer[],
  { workers = peers.length, withinMs = meshWithinMs } = {},
): Promise<void> {
  await until(
    async () => {
      const seen = await Promise.all(peers.map(onlineFor))
      return seen.every(online => online.length === workers) || seen.map(each => each.length).join()
    },
    withinMs,
    `${peers.length} peers to see each other`,
  )
}

/** Asks again and again until the answer is true; rejects with what it was last. */
export async function until(
  isSo: () => Promise<true | string>,
  withinMs: number,
  what: string,
): Promise<void> {
  const deadlineMs = performance.now() + withinMs
  for (;;) {
    const found = await isSo().catch(String)
    if (found === true) return
    if (performance.now() > deadlineMs) throw new Error(`waited ${withinMs} ms for ${what}: ${found}`)
    await delay(pollMs)
  }
}

/** The id under which the others know it. */
export async function workerIdOf(peer: PlacedPeer): Promise<string> {
  const response = await fetch(`${peer.url}/health`)
  return z.object({ workerId: z.string() }).parse(await response.json()).workerId
}

/** The id of the Mac that leads, as this peer sees it; empty while none does. */
export async function leaderFor(peer: PlacedPeer): Promise<string> {
  const response = await fetch(`${peer.url}/api/cluster/status`)
  const status = z.object({ leader: z.object({ workerId: z.string() }).nullable() })
  return status.parse(await response.json()).leader?.workerId ?? ''
}
