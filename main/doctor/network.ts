// Whether this Mac finds others, and why a Mac of its mesh is not connected.
import { connect } from 'node:net'
import { clusterStatus } from '../client/peer-answers.ts'
import { findPeer } from '../client/peer-client.ts'
import { type MeshAnswer, meshAnswer, type NearbyMac } from '../protocol/mesh-answer.ts'
import type { Finding, Patient } from './finding.ts'
import { guard } from './peer.ts'

const connectMs = 2000
/** In these words the peer says it. */
const noNetwork = 'This Mac is in no network.'
/** Certificates bear a little; a start that lies in the future tells of a wrong clock. */
const clockMs = 60_000

export function checkNetwork(patient: Patient): Promise<Finding> {
  return guard(async () => {
    const { problem, nearby } = await findPeer(patient, patient.url).get('/api/mesh', meshAnswer)
    if (problem === noNetwork) return { status: 'warn', message: problem, advice: howToConnect }
    if (problem !== null) return { status: 'warn', message: problem, advice: howToBeFound }
    if (nearby.length > 0) return { status: 'ok', message: `mDNS works; nearby: ${namesOf(nearby)}` }
    return {
      status: 'ok',
      message: 'mDNS works on this Mac; no other Mac with MLX Mesh is seen',
      advice:
        'If there should be one: is MLX Mesh running there, and is it in the same network? A guest Wi-Fi keeps Macs apart.',
    }
  })
}

export function checkMesh(patient: Patient): Promise<Finding> {
  return guard(async () => {
    const peer = findPeer(patient, patient.url)
    const answer = await peer.get('/api/mesh', meshAnswer)
    const { mesh, members } = answer
    if (!mesh) return { status: 'ok', message: 'this Mac is in no mesh; "mlx-mesh invite" begins one' }
    const offline = members.filter(({ online }) => !online)
    // Without a network nobody is nearby: what is still listed was seen before.
    const nearby = answer.problem === noNetwork ? [] : answer.nearby
    const near = nearby.find(mac => offline.some(({ workerId }) => workerId === mac.workerId))
    if (near) {
      const { controller } = await peer.get('/api/cluster/status', clusterStatus)
      return { status: 'warn', ...(await explain(near, controller.version)) }
    }
    return { status: 'ok', message: describe(answer, offline) }
  })
}

/** Why a Mac of the mesh that is seen by mDNS is not connected. */
async function explain(mac: NearbyMac, ownVersion: string): Promise<{ message: string; advice: string }> {
  const aheadMs = mac.epoch - Date.now()
  const seen = `${mac.name} is nearby, but not connected`
  if (mac.version !== ownVersion)
    return {
      message: `${seen}: it runs version ${mac.version}, this Mac ${ownVersion}`,
      advice: 'Bring both to the same version.',
    }
  if (aheadMs > clockMs)
    return {
      message: `${seen}: its clock is at least ${Math.round(aheadMs / 60_000)} min ahead of this one`,
      advice: 'Let both set their time by themselves (System Settings > General > Date & Time).',
    }
  if (!(await canConnect(mac.address, mac.routePort)))
    return {
      message: `${seen}: nothing answers at ${mac.address}:${mac.routePort}`,
      advice:
        'A firewall on that Mac, or between the two, is in the way: let MLX Mesh take incoming connections.',
    }
  return {
    message: `${seen}, although it can be reached`,
    advice:
      'It may be connecting just now. If it stays so, one of the two was removed while it was away ("mlx-mesh members" on both shows which): let it leave and join again. Or else the logs say why (logs/mlx-mesh.log).',
  }
}

const howToConnect = 'Plug in its cable, or choose a Wi-Fi. The Macs come together again by themselves.'

const howToBeFound =
  process.platform === 'darwin'
    ? 'Allow it in System Settings > Privacy & Security > Local Network, and in the firewall. Or join with --at HOST:PORT, which needs no mDNS.'
    : 'Let UDP port 5353 and multicast through the firewall. Or join with --at HOST:PORT, which needs no mDNS.'

function describe({ mesh, members }: MeshAnswer, offline: MeshAnswer['members']): string {
  const count = `${members.length - offline.length} of ${members.length} Macs of "${mesh?.name}" are connected`
  if (offline.length === 0) return count
  return `${count}; ${namesOf(offline)}: switched off, asleep, or in another network`
}

function namesOf(macs: readonly { readonly name: string }[]): string {
  return macs.map(({ name }) => name).join(', ')
}

function canConnect(host: string, port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host, port, timeout: connectMs })
    const answer = (can: boolean) => {
      socket.destroy()
      resolve(can)
    }
    socket.once('connect', () => answer(true))
    socket.once('error', () => answer(false))
    socket.once('timeout', () => answer(false))
  })
}
