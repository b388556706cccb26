// A peer's `/api/mesh` as the commands see it: a real gateway over two Macs in memory.

import type { NearbyPeer } from '../../main/fabric/nearby.ts'
import { createPairing, type Pairing } from '../../main/membership/pair-up.ts'
import { realClock } from '../../main/protocol/clock.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { openDoor } from '../gateway/support/open-door.ts'
import { createMemoryMembership, type MemoryMembership } from '../support/memory-membership.ts'

export interface FakeMac {
  readonly url: string
  readonly membership: MemoryMembership
  readonly pairing: Pairing
  /** Who is nearby, and what is wrong with looking for them. */
  near: NearbyPeer[]
  problem: string | null
  /** What the Macs of its mesh run, by id. */
  versions: Record<string, string>
}

export async function startFakeMac(workerId: string, name: string): Promise<FakeMac> {
  const membership = createMemoryMembership(workerId, name)
  const nearby = { peers: () => mac.near, onChange: () => () => {}, refresh: () => {} }
  const pairing = createPairing({ membership, nearby, clock: realClock, log: silentLog })
  const port = {
    membership,
    pairing,
    nearby: nearby.peers,
    isPresent: (id: string) => id === membership.self().workerId,
    versionOf: (id: string) => mac.versions[id] ?? null,
    problem: () => mac.problem,
  }
  const door = await openDoor({ mesh: port })
  const mac: FakeMac = { url: door.url, membership, pairing, near: [], problem: null, versions: {} }
  return mac
}

/** As another Mac hears of it by mDNS. */
export function adOf({ membership, pairing }: FakeMac): NearbyPeer {
  const { workerId, name } = membership.self()
  const mesh = membership.mesh()
  return {
    workerId,
    epoch: 1,
    name,
    meshId: mesh?.meshId ?? null,
    meshName: mesh?.name ?? null,
    address: '127.0.0.1',
    routePort: 1,
    version: '1.2.3',
    pairing: pairing.invitation(),
    lastSeenMs: 1,
  }
}
