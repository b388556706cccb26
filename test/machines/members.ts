// Data folders as pairing leaves them, for meshes of which the pairing is not what is tested: it would take a second a Mac.
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { dataPaths } from '../../main/config/data-folder.ts'
import { findFreePort } from '../../main/fabric/free-port.ts'
import { type Mesh, writeMeshFile } from '../../main/membership/mesh-file.ts'
import { fingerprintOf, makeKey } from '../../main/membership/own-key.ts'
import { type Roster, withMember } from '../../main/membership/roster.ts'
import type { PeerOptions } from './peer.ts'
import { loopback, type Place } from './place.ts'

const usualPort = 7422

export interface TestMember {
  readonly workerId: string
  /** In PEM. */
  readonly key: string
}

/** So many members of a new mesh, and what each of them keeps of it but its own key. */
export function drawMembers(count: number): { members: TestMember[]; mesh: Omit<Mesh, 'key' | 'routes'> } {
  const members = Array.from({ length: count }, (_, at) => ({
    workerId: `mac${at + 1}`.padEnd(5, 'x') + randomBytes(4).toString('hex').slice(0, 5),
    key: makeKey(),
  }))
  const secret = { value: randomBytes(32).toString('base64url'), removals: 0 }
  const roster = members.reduce<Roster>(
    (before, { workerId, key }, at) =>
      withMember(before, { workerId, name: `Mac ${at + 1}`, key: fingerprintOf(key) }, Date.now()),
    { secret, entries: [] },
  )
  const meshId = randomBytes(9).toString('base64url')
  return { members, mesh: { meshId, meshName: 'Test mesh', roster, previous: [] } }
}

/** For each place, what its peer must be started with to be a member of a new mesh. */
export async function makeMembers(
  places: readonly Place[],
): Promise<Required<Pick<PeerOptions, 'cluster' | 'prepare'>>[]> {
  const { members, mesh } = drawMembers(places.length)
  const addresses = await Promise.all(
    places.map(async place => ({
      host: place.address,
      port: place === loopback ? await findFreePort(place.address) : usualPort,
    })),
  )
  return addresses.map((own, at) => ({
    cluster: {
      nats: { route_port: own.port, ...(own.port === usualPort ? {} : { route_address: own.host }) },
    },
    prepare: home => {
      const { workerId, key } = members[at] ?? { workerId: '', key: '' }
      const { identityFile, meshFile } = dataPaths(home)
      writeFileSync(identityFile, JSON.stringify({ workerId }))
      const routes = addresses.filter(other => other !== own)
      writeMeshFile(meshFile, { mesh: { ...mesh, key, routes }, addresses: {} })
    },
  }))
}
