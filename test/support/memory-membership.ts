// Membership without certificates and without a network: what one Mac knows, for whoever only asks and tells.
import { createHash, randomBytes } from 'node:crypto'
import type { Admission, Membership, MeshInfo } from '../../main/membership/membership.ts'
import {
  isMember,
  type Member,
  membersOf,
  withMember,
  withoutMember,
  withSecret,
} from '../../main/membership/roster.ts'
import { MeshError } from '../../main/protocol/errors.ts'

export interface MemoryMembership extends Membership {
  /** The secret of its mesh; null without one. */
  secret(): string | null
}

export function createMemoryMembership(workerId: string, ownName: string): MemoryMembership {
  let name = ownName
  let inMesh: Admission | null = null
  const key = createHash('sha256').update(workerId).digest('hex')
  const watching = new Set<() => void>()

  const change = (next: Admission | null) => {
    inMesh = next
    for (const run of watching) run()
  }
  const self = (): Member => ({ workerId, name, key })
  const need = (): Admission => {
    if (inMesh) return inMesh
    throw new MeshError('INVALID_REQUEST', 'This Mac is in no mesh.')
  }
  const refuseSecond = () => {
    if (inMesh)
      throw new MeshError('INVALID_REQUEST', `This Mac is in the mesh "${inMesh.meshName}" already.`)
  }
  const drawSecret = () => randomBytes(32).toString('base64url')

  return {
    self,
    mesh: () => inMesh && infoOf(inMesh),
    members: () => (inMesh ? membersOf(inMesh.roster) : []),
    secret: () => inMesh?.roster.secret.value ?? null,
    async create(meshName) {
      refuseSecond()
      const empty = { secret: { value: drawSecret(), removals: 0 }, entries: [] }
      const meshId = randomBytes(9).toString('base64url')
      const made = { meshId, meshName, roster: withMember(empty, self(), 1), routes: [] }
      change(made)
      return infoOf(made)
    },
    async admit(newcomer) {
      const mesh = need()
      const admission = { ...mesh, roster: withMember(mesh.roster, newcomer, 1) }
      change(admission)
      return admission
    },
    async join(admission) {
      refuseSecond()
      change(admission)
    },
    async leave() {
      need()
      change(null)
    },
    async remove(id) {
      const mesh = need()
      if (!isMember(mesh.roster, id))
        throw new MeshError('INVALID_REQUEST', `There is no Mac "${id}" in this mesh.`)
      change({ ...mesh, roster: withSecret(withoutMember(mesh.roster, id), drawSecret()) })
    },
    async rename(newName) {
      name = newName
      change(inMesh && { ...inMesh, roster: withMember(inMesh.roster, self(), 1) })
    },
    onChange(run) {
      watching.add(run)
      return () => watching.delete(run)
    },
  }
}

function infoOf({ meshId, meshName }: Admission): MeshInfo {
  return { meshId, name: meshName }
}
