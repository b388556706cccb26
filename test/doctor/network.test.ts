import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { checkMesh, checkNetwork } from '../../main/doctor/network.ts'
import { checkClock, checkVersions } from '../../main/doctor/other-macs.ts'
import { findFreePort } from '../../main/fabric/free-port.ts'
import type { NearbyPeer } from '../../main/fabric/nearby.ts'
import { adOf, startFakeMac } from '../cli/fake-mesh.ts'
import { makeTempFolder } from '../support/temp-folder.ts'

async function standIn(home = 'Home') {
  const studio = await startFakeMac('studio0000', 'Studio')
  const book = await startFakeMac('book000000', 'MacBook')
  await studio.membership.create(home)
  studio.membership.admit(book.membership.self())
  const env = { MLX_MESH_HOME: makeTempFolder() }
  const patient = (url?: string) => ({ env, layers: { env }, url })
  const see = (more: Partial<NearbyPeer>) => {
    studio.near = [{ ...adOf(book), ...more }]
  }
  return {
    studio,
    see,
    network: () => checkNetwork(patient(studio.url)),
    mesh: () => checkMesh(patient(studio.url)),
    versions: () => checkVersions(patient(studio.url)),
    clock: () => checkClock(patient(studio.url)),
  }
}

test('says what is wrong with mDNS, and the way round it', async () => {
  const { studio, network } = await standIn()
  studio.problem = 'mDNS does not work on 10.0.0.7: no route.'
  expect(await network()).toMatchObject({
    status: 'warn',
    message: 'mDNS does not work on 10.0.0.7: no route.',
    advice: expect.stringContaining('--at HOST:PORT'),
  })
})

test('without a network no firewall is blamed, neither here nor on a Mac that was seen before', async () => {
  const { studio, network, mesh, see } = await standIn()
  see({})
  studio.problem = 'This Mac is in no network.'
  expect(await network()).toMatchObject({ status: 'warn', advice: expect.stringContaining('cable') })
  expect(await mesh()).toMatchObject({ status: 'ok', message: expect.stringContaining('1 of 2 Macs') })
})

test('says who is nearby, or that nobody is', async () => {
  const { network, see } = await standIn()
  expect(await network()).toMatchObject({ status: 'ok', message: expect.stringContaining('no other Mac') })
  see({})
  expect(await network()).toEqual({ status: 'ok', message: 'mDNS works; nearby: MacBook' })
})

test('a Mac that is not to be seen is no fault', async () => {
  const { mesh } = await standIn()
  expect(await mesh()).toEqual({
    status: 'ok',
    message: '1 of 2 Macs of "Home" are connected; MacBook: switched off, asleep, or in another network',
  })
})

test.each<[string, Partial<NearbyPeer>]>([
  ['it runs version 9.9.9, this Mac 1.2.3', { version: '9.9.9' }],
  ['its clock is at least 120 min ahead', { epoch: Date.now() + 7_210_000 }],
])('a Mac that is seen and not connected: %s', async (words, more) => {
  const { mesh, see } = await standIn()
  see(more)
  expect(await mesh()).toMatchObject({ status: 'warn', message: expect.stringContaining(words) })
})

test('a Mac whose door does not answer is behind a firewall', async () => {
  const { mesh, see } = await standIn()
  const routePort = await findFreePort('127.0.0.1')
  see({ routePort })
  expect(await mesh()).toMatchObject({
    message: expect.stringContaining(`nothing answers at 127.0.0.1:${routePort}`),
  })
  const server = createServer(socket => socket.destroy())
  onTestFinished(() => void server.close())
  await new Promise<void>(resolve => server.listen(routePort, '127.0.0.1', resolve))
  expect(await mesh()).toMatchObject({
    message: expect.stringContaining('although it can be reached'),
    advice: expect.stringContaining('was removed while it was away'),
  })
})

test('a Mac in no mesh, and one that runs nothing, are told', async () => {
  const alone = await startFakeMac('alone00000', 'Alone')
  const env = { MLX_MESH_HOME: makeTempFolder() }
  const patient = (url?: string) => ({ env, layers: { env }, url })
  expect(await checkMesh(patient(alone.url))).toMatchObject({
    status: 'ok',
    message: expect.stringContaining('no mesh'),
  })
  expect(await checkMesh(patient())).toMatchObject({
    status: 'warn',
    message: expect.stringContaining('no peer runs'),
  })
})

test('Macs of the mesh that run another version are named', async () => {
  const { studio, versions } = await standIn()
  expect(await versions()).toEqual({ status: 'ok', message: 'this Mac runs 1.2.3' })
  studio.versions = { studio0000: '1.2.3', book000000: '1.2.3' }
  expect(await versions()).toEqual({ status: 'ok', message: 'this Mac runs 1.2.3, as the others do' })
  studio.versions = { studio0000: '1.2.3', book000000: '1.1.0' }
  expect(await versions()).toMatchObject({ status: 'warn', message: 'this Mac runs 1.2.3; MacBook 1.1.0' })
})

test('a clock that another Mac is ahead of is told', async () => {
  const { clock, see } = await standIn()
  expect(await clock()).toMatchObject({ status: 'ok' })
  see({ epoch: Date.now() + 7_210_000 })
  expect(await clock()).toMatchObject({
    status: 'warn',
    message: 'MacBook: at least 120 min ahead of this Mac',
  })
})
