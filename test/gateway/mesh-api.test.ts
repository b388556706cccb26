import { networkInterfaces } from 'node:os'
import { expect, test, vi } from 'vitest'
import type { NearbyPeer } from '../../main/fabric/nearby.ts'
import type { GatewayOptions, MeshPort } from '../../main/gateway/ports.ts'
import { createPairing } from '../../main/membership/pair-up.ts'
import { realClock } from '../../main/protocol/clock.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { createMemoryMembership } from '../support/memory-membership.ts'
import { get, post } from './support/ask.ts'
import { openDoor } from './support/open-door.ts'

async function openMac(
  workerId: string,
  name: string,
  options: Partial<GatewayOptions> = {},
  near: NearbyPeer[] = [],
) {
  const membership = createMemoryMembership(workerId, name)
  const nearby = { peers: () => near, onChange: () => () => {}, refresh: () => {} }
  const pairing = createPairing({ membership, nearby, clock: realClock, log: silentLog })
  const isPresent = (id: string) => id === membership.self().workerId
  const versionOf = (id: string) => (isPresent(id) ? '1.2.3' : null)
  const mesh: MeshPort = {
    membership,
    pairing,
    nearby: nearby.peers,
    isPresent,
    versionOf,
    problem: () => null,
  }
  const door = await openDoor({ ...options, mesh })
  const look = async () => (await get(door, '/api/mesh')).json
  return { door, membership, pairing, mesh, look }
}

test('a Mac without a mesh says so', async () => {
  const { look, membership } = await openMac('mac1000000', 'Studio')
  expect(await look()).toEqual({
    mesh: null,
    self: membership.self(),
    members: [],
    nearby: [],
    pairing: { state: 'idle' },
    problem: null,
  })
})

test('invite here, join there, and both show a mesh of two', async () => {
  const studio = await openMac('studio0000', 'Studio')
  const book = await openMac('book000000', 'MacBook')
  const invited = await post(studio.door, '/api/mesh/invite', {})
  expect(invited).toMatchObject({
    status: 200,
    json: { mesh: { name: 'Studio' }, pairing: { state: 'invited' } },
  })
  const { code, port } = Object.assign({ code: '', port: 0 }, studio.pairing.state())
  const joining = await post(book.door, '/api/mesh/join', { code, address: `127.0.0.1:${port}` })
  expect(joining).toMatchObject({ status: 202, json: { pairing: { state: 'joining' } } })
  await vi.waitFor(async () => expect(await book.look()).toMatchObject({ pairing: { state: 'done' } }))
  expect(await book.look()).toMatchObject({
    mesh: { name: 'Studio' },
    members: [
      { workerId: 'book000000', self: true, online: true },
      { workerId: 'studio0000', self: false, online: false },
    ],
  })
})

test('comparing goes over the same interface', async () => {
  const near: NearbyPeer[] = []
  const studio = await openMac('studio0000', 'Studio')
  const book = await openMac('book000000', 'MacBook', {}, near)
  await post(studio.door, '/api/mesh/invite', {})
  near.push({
    workerId: 'studio0000',
    epoch: 1,
    name: 'Studio',
    meshId: 'x',
    meshName: 'Studio',
    address: '127.0.0.1',
    routePort: 1,
    version: '1',
    pairing: studio.pairing.invitation(),
    lastSeenMs: 1,
  })
  expect(await book.look()).toMatchObject({ nearby: [{ name: 'Studio' }] })
  await post(book.door, '/api/mesh/join', { nearby: 'studio0000' })
  for (const mac of [studio, book]) {
    await vi.waitFor(() => expect(mac.pairing.state().state).toBe('comparing'))
    const { json } = await post(mac.door, '/api/mesh/pairing/confirm', { match: true })
    expect(json).toMatchObject({ pairing: { withName: expect.any(String) } })
  }
  await vi.waitFor(() => expect(book.pairing.state().state).toBe('done'))
})

test('a Mac is renamed, removed, and leaves', async () => {
  const { door, membership } = await openMac('studio0000', 'Studio')
  await membership.create('Home')
  membership.admit({ workerId: 'book000000', name: 'MacBook', key: 'a'.repeat(64) })
  const before = membership.secret()
  expect(await post(door, '/api/mesh/rename', { name: ' Attic ' })).toMatchObject({
    json: { self: { name: 'Attic' } },
  })
  const removed = await post(door, '/api/mesh/members/book000000/remove', {})
  expect(removed).toMatchObject({ status: 200, json: { members: [{ workerId: 'studio0000' }] } })
  expect(membership.secret()).not.toBe(before)
  expect(await post(door, '/api/mesh/leave', {})).toMatchObject({
    status: 200,
    json: { mesh: null, members: [] },
  })
})

test.each<[string, object, number, string]>([
  ['join', {}, 400, "Expected 'code'"],
  ['join', { code: 'ABCD' }, 400, 'not typed as it is shown'],
  ['join', { code: 'A', nearby: 'b' }, 400, "Expected 'code'"],
  ['join', { nearby: 'nobody' }, 400, 'no such Mac nearby'],
  ['join', { kode: 'A' }, 400, "Unknown parameter: 'kode'"],
  ['pairing/confirm', { match: true }, 400, 'nothing to confirm'],
  ['pairing/confirm', {}, 400, 'match'],
  ['rename', { name: '' }, 400, 'name'],
  ['rename', { name: 'a\u001b[2Jb' }, 400, 'name'],
  ['rename', { name: 'x'.repeat(65) }, 400, 'name'],
  ['members/nobody/remove', {}, 404, 'no Mac with the id'],
  ['members/studio0000/remove', {}, 400, 'leaves'],
])('POST /api/mesh/%s with %j is refused with %i', async (path, body, status, words) => {
  const { door, membership } = await openMac('studio0000', 'Studio')
  await membership.create('Home')
  const answer = await post(door, `/api/mesh/${path}`, body)
  expect(answer).toMatchObject({ status, json: { error: { message: expect.stringContaining(words) } } })
})

test('what is in the way of pairing is a conflict, told in words', async () => {
  const { door, membership } = await openMac('studio0000', 'Studio')
  await post(door, '/api/mesh/invite', {})
  await membership.leave()
  const { code } = Object.assign({ code: '' }, Object(await get(door, '/api/mesh')).json.pairing)
  const answer = await post(door, '/api/mesh/join', { code })
  expect(answer).toMatchObject({ status: 409, json: { error: { code: 'pairing_failed' } } })
  expect(await post(door, '/api/mesh/pairing/cancel', {})).toMatchObject({
    json: { pairing: { state: 'idle' } },
  })
})

test('a Mac that runs alone has no mesh to show', async () => {
  const door = await openDoor()
  const answer = await get(door, '/api/mesh')
  expect(answer).toMatchObject({
    status: 400,
    json: { error: { message: expect.stringContaining('nats.server_url') } },
  })
})

test('a web page cannot invite', async () => {
  const { door, pairing } = await openMac('studio0000', 'Studio')
  const answer = await post(door, '/api/mesh/invite', {}, { origin: 'https://evil.example' })
  expect(answer.status).toBe(403)
  expect(pairing.state()).toEqual({ state: 'idle' })
})

const ownAddress = Object.values(networkInterfaces())
  .flatMap(addresses => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address

test.skipIf(ownAddress === undefined)('where the door is open to the network, the mesh is not', async () => {
  const { door, pairing } = await openMac('studio0000', 'Studio', { bindAddress: '0.0.0.0' })
  // From this machine to its own address: no packet leaves it.
  const url = `http://${ownAddress}:${door.port}`
  expect((await fetch(`${url}/health`)).status).not.toBe(401)
  for (const path of ['/api/mesh', '/api/mesh/invite']) {
    const method = path === '/api/mesh' ? 'GET' : 'POST'
    expect((await fetch(url + path, { method })).status).toBe(401)
  }
  expect(pairing.state()).toEqual({ state: 'idle' })
})

test('a full disk is named, not taken for a fault of the app', async () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  const { mesh } = await openMac('mac1000000', 'Studio')
  const membership = { ...mesh.membership, rename: () => Promise.reject(full) }
  const door = await openDoor({ mesh: { ...mesh, membership } })
  expect(await post(door, '/api/mesh/rename', { name: 'Kitchen' })).toMatchObject({
    status: 500,
    json: { error: { message: 'The disk of this Mac is full: make room and try again.' } },
  })
})
