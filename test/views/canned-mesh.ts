// Who belongs with a canned Mac, and how one lets another one in: what `/api/mesh*` shows and does, without the other Mac.
import type { MeshAnswer, NearbyMac, Pairing } from '../../main/protocol/mesh-answer.ts'
import type { World } from './canned-world.ts'

export interface CannedMeshOptions {
  /** Null: this Mac is in no mesh. */
  readonly meshName?: string | null
  readonly nearby?: readonly NearbyMac[]
  /** Somebody is at the other Mac, and does there what is to be done. */
  readonly lively?: boolean
}

export interface CannedMesh {
  answer(): MeshAnswer
  /** What was sent, the oldest first. */
  readonly orders: readonly { readonly order: string; readonly body: unknown }[]
  setNearby(nearby: readonly NearbyMac[]): void
  become(pairing: Pairing): void
  /** Both screens show six digits. */
  compare(withName: string): void
  invite(): void
  join(body: unknown): Refused | null
  confirm(match: boolean): Refused | null
  cancel(): void
  rename(name: string): void
  leave(): void
  remove(workerId: string): void
  note(order: string, body: unknown): void
}

export interface Refused {
  readonly status: number
  readonly message: string
}

const code = '7K2M-9XQP-4TVN-C8RD-W3HJ-6YBF-GA5E'
const livelyMs = 3000

export function cannedNearby(workerId: string, name: string, more: Partial<NearbyMac> = {}): NearbyMac {
  return {
    workerId,
    name,
    meshId: null,
    meshName: null,
    version: '0.1.0',
    epoch: 1,
    address: '192.168.1.30',
    routePort: 7422,
    pairing: null,
    ...more,
  }
}

export function createCannedMesh(world: World, options: CannedMeshOptions = {}): CannedMesh {
  const { lively = false } = options
  const self = world.snapshot().self
  let meshName = options.meshName === undefined ? 'Home' : options.meshName
  let nearby = options.nearby ?? []
  let pairing: Pairing = { state: 'idle' }
  const orders: { order: string; body: unknown }[] = []

  const mesh: CannedMesh = {
    orders,
    answer: () => ({
      mesh: meshName === null ? null : { meshId: 'mesh-1', name: meshName },
      self: { workerId: self.workerId, name: world.snapshot().self.name },
      members: world.workers
        .filter(({ workerId }) => meshName !== null || workerId === self.workerId)
        .map(({ workerId, hostname, status }) => ({
          workerId,
          name: hostname,
          self: workerId === self.workerId,
          online: status !== 'offline',
        })),
      nearby: [...nearby],
      pairing,
      problem: null,
    }),
    setNearby: found => {
      nearby = found
    },
    become: next => {
      pairing = next
    },
    compare(withName) {
      const role = pairing.state === 'invited' ? 'inviter' : 'joiner'
      pairing = { state: 'comparing', role, withName, shortCode: '402 917', confirmedByUs: false }
    },
    invite() {
      meshName ??= world.snapshot().self.name
      pairing = {
        state: 'invited',
        code,
        addresses: ['192.168.1.11:52114'],
        expiresAtMs: Date.now() + 600_000,
        lastFailure: null,
      }
      if (lively)
        setTimeout(() => pairing.state === 'invited' && mesh.compare('Kitchen laptop'), 2 * livelyMs)
    },
    join(body) {
      if (meshName !== null)
        return { status: 400, message: `This Mac is in the mesh "${meshName}" already. Leave it first.` }
      const typed = codeIn(body)
      if (typed !== null && typed.replaceAll('-', '').length !== 28)
        return {
          status: 400,
          message: `The code was not typed as it is shown: it has ${typed.length} letters and digits instead of 28. Nothing was tried with it.`,
        }
      pairing = { state: 'joining' }
      if (lively) setTimeout(() => pairing.state === 'joining' && mesh.compare('Studio'), livelyMs)
      return null
    },
    confirm(match) {
      if (pairing.state !== 'comparing')
        return { status: 400, message: 'There is nothing to confirm on this Mac.' }
      const { role, withName } = pairing
      if (!match) {
        const message = 'You said that the codes differ. Nobody was let in.'
        pairing = { state: 'failed', reason: 'declined_here', message }
        return null
      }
      pairing = { ...pairing, confirmedByUs: true }
      const finish = () => {
        meshName ??= 'Home'
        pairing = { state: 'done', role, meshName, withName }
      }
      if (lively) setTimeout(finish, livelyMs)
      return null
    },
    cancel() {
      pairing = { state: 'idle' }
    },
    rename: hostname => void world.change(self.workerId, { hostname }),
    leave() {
      meshName = null
    },
    remove: workerId => world.remove(workerId),
    note: (order, body) => void orders.push({ order, body }),
  }
  return mesh
}

function codeIn(body: unknown): string | null {
  return body !== null && typeof body === 'object' && 'code' in body ? String(body.code) : null
}
