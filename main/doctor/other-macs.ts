// Whether the other Macs of the mesh run the same version, and agree what time it is.

import { clusterStatus } from '../client/peer-answers.ts'
import { findPeer } from '../client/peer-client.ts'
import { type MeshAnswer, meshAnswer } from '../protocol/mesh-answer.ts'
import type { Finding, Patient } from './finding.ts'
import { guard } from './peer.ts'

/** Messages take their time, and a mesh works with less than that between its clocks. */
const clockMs = 60_000
/** A Mac whose battery was empty for long may begin again in 1970. */
const beforeThisMs = Date.parse('2026-01-01T00:00:00Z')

/** A Mac that runs alone refuses to speak of a mesh. */
const alone: Pick<MeshAnswer, 'members' | 'nearby'> = { members: [], nearby: [] }

export function checkVersions(patient: Patient): Promise<Finding> {
  return guard(async () => {
    const peer = findPeer(patient, patient.url)
    const { controller } = await peer.get('/api/cluster/status', clusterStatus)
    const mesh = await peer.get('/api/mesh', meshAnswer).catch(() => alone)
    const known = mesh.members.filter(({ self, version }) => !self && version)
    const others = known.filter(({ version }) => version !== controller.version)
    const own = `this Mac runs ${controller.version}`
    if (others.length === 0) {
      const rest = known.length === 0 ? '' : ', as the others do'
      return { status: 'ok', message: `${own}${rest}` }
    }
    const list = others.map(({ name, version }) => `${name} ${version}`).join(', ')
    return { status: 'warn', message: `${own}; ${list}`, advice: 'Bring all Macs to the same version.' }
  })
}

export function checkClock(patient: Patient): Promise<Finding> {
  return guard(async () => {
    const now = Date.now()
    const advice = 'Let it be set by itself (System Settings > General > Date & Time).'
    if (now < beforeThisMs) return { status: 'fail', message: `this Mac has ${dayOf(now)}`, advice }
    const peer = findPeer(patient, patient.url)
    const { nearby } = await peer.get('/api/mesh', meshAnswer).catch(() => alone)
    // A Mac that started in the future: one of the two clocks is wrong.
    const ahead = nearby.filter(({ epoch }) => epoch - now > clockMs)
    if (ahead.length === 0) return { status: 'ok', message: `this Mac has ${dayOf(now)}` }
    const minutes = Math.round(Math.max(...ahead.map(({ epoch }) => epoch - now)) / 60_000)
    const names = ahead.map(({ name }) => name).join(', ')
    return { status: 'warn', message: `${names}: at least ${minutes} min ahead of this Mac`, advice }
  })
}

function dayOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
