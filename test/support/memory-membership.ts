// Membership without certificates and without a network: what one Mac knows, for whoever only asks and tells.
import { createHash, randomBytes } from 'node:crypto'
import type { Admission, Member, Membership, MeshInfo } from '../../main/membership/membership.ts'
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
  const others = (id: string) => need().members.filter(member => member.workerId !== id)

  return {
    self,
    mesh: () => inMesh && infoOf(inMesh),
    members: () => inMesh?.members ?? [],
    secret: () => inMesh?.secret ?? null,
    async create(meshName) {
      refuseSecond()
      const made = { meshName, secret: randomBytes(32).toString('base64url'), members: [self()] }
      change(made)
      return infoOf(made)
    },
    admit(newcomer) {
      const rest = others(newcomer.workerId)
      const taken = new Set(rest.map(member => member.name))
      let unique = newcomer.name
      for (let n = 2; taken.has(unique); n++) unique = `${newcomer.name} ${n}`
      const admission = { ...need(), members: [...rest, { ...newcomer, name: unique }] }
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
      const rest = others(id)
      if (rest.length === need().members.length)
        throw new MeshError('INVALID_REQUEST', `There is no Mac "${id}" in this mesh.`)
      change({ ...need(), secret: randomBytes(32).toString('base64url'), members: rest })
    },
    async rename(newName) {
      name = newName
      change(inMesh && { ...inMesh, members: [...others(workerId), self()] })
    },
    onChange(run) {
      watching.add(run)
      return () => watching.delete(run)
    },
  }
}

function infoOf({ meshName, secret }: Admission): MeshInfo {
  return { meshId: createHash('sha256').update(secret).digest('hex').slice(0, 16), name: meshName }
}
