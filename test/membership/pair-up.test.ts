import { expect, onTestFinished, test, vi } from 'vitest'
import type { NearbyPeer } from '../../main/fabric/nearby.ts'
import { createPairing, type Pairing } from '../../main/membership/pair-up.ts'
import { type Clock, realClock } from '../../main/protocol/clock.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { createMemoryMembership, type MemoryMembership } from '../support/memory-membership.ts'

interface Mac extends Pairing {
  readonly membership: MemoryMembership
}

/** Macs that see each other's invitations, as mDNS would show them. */
function createNetwork(clock: Clock = realClock) {
  const macs: Mac[] = []
  const watching = new Set<() => void>()
  const tell = () => {
    for (const run of watching) run()
  }
  const nearby = (own: string) => ({
    peers: () => macs.filter(mac => mac.membership.self().workerId !== own).map(asPeer),
    refresh: () => {},
    onChange(run: () => void) {
      watching.add(run)
      return () => watching.delete(run)
    },
  })
  return {
    stand(workerId: string, name: string, hidden = false): Mac {
      const membership = createMemoryMembership(workerId, name)
      const pairing = createPairing({ membership, nearby: nearby(workerId), clock, log: silentLog })
      const mac = { ...pairing, membership }
      if (!hidden) macs.push(mac)
      pairing.onChange(tell)
      onTestFinished(() => pairing.cancel())
      return mac
    },
    show(mac: Mac): void {
      macs.push(mac)
      tell()
    },
  }
}

function asPeer(mac: Mac): NearbyPeer {
  const { workerId, name } = mac.membership.self()
  return {
    workerId,
    epoch: 1,
    name,
    meshId: mac.membership.mesh()?.meshId ?? null,
    meshName: mac.membership.mesh()?.name ?? null,
    address: '127.0.0.1',
    routePort: 1,
    version: '1',
    pairing: mac.invitation(),
    lastSeenMs: 0,
  }
}

async function codeOf(mac: Mac): Promise<string> {
  const state = await mac.invite()
  if (state.state !== 'invited') throw new Error(state.state)
  return state.code
}

test('a Mac without a mesh invites another one: there is a mesh of both, named after the first', async () => {
  const network = createNetwork()
  const studio = network.stand('studio0000', 'Studio')
  const book = network.stand('book000000', 'MacBook')
  book.join(await codeOf(studio), null)
  await vi.waitFor(() => {
    expect(studio.state()).toEqual({
      state: 'done',
      role: 'inviter',
      meshName: 'Studio',
      withName: 'MacBook',
    })
    expect(book.state()).toEqual({ state: 'done', role: 'joiner', meshName: 'Studio', withName: 'Studio' })
  })
  expect(book.membership.secret()).toBe(studio.membership.secret())
  expect(studio.invitation()).toBeNull()
})

test('a Mac that is not seen is found at its address', async () => {
  const network = createNetwork()
  const studio = network.stand('studio0000', 'Studio', true)
  const book = network.stand('book000000', 'MacBook')
  const code = await codeOf(studio)
  const port = studio.invitation()?.port
  book.join(code.toLowerCase(), `127.0.0.1:${port}`)
  await vi.waitFor(() => expect(book.state().state).toBe('done'))
})

test('an inviter that shows up late is found', async () => {
  const network = createNetwork()
  const studio = network.stand('studio0000', 'Studio', true)
  const book = network.stand('book000000', 'MacBook')
  book.join(await codeOf(studio), null)
  expect(book.state()).toEqual({ state: 'joining' })
  network.show(studio)
  await vi.waitFor(() => expect(book.state().state).toBe('done'))
})

test('when no Mac nearby has the invitation, that is said after ten seconds, with what to do', async () => {
  const clock = new ManualClock()
  const book = createNetwork(clock).stand('book000000', 'MacBook')
  const studio = createNetwork().stand('studio0000', 'Studio')
  book.join(await codeOf(studio), null)
  expect(book.state().state).toBe('joining')
  clock.advance(10_000)
  await vi.waitFor(() => expect(book.state()).toMatchObject({ state: 'failed', reason: 'not_found' }))
  expect(book.state()).toMatchObject({ message: expect.stringContaining('--at HOST:PORT') })
})

test('two people compare: both screens show the same, and two yes make a member', async () => {
  const network = createNetwork()
  const studio = network.stand('studio0000', 'Studio')
  const book = network.stand('book000000', 'MacBook')
  await studio.invite()
  book.joinNearby('studio0000')
  await vi.waitFor(() =>
    expect([studio.state().state, book.state().state]).toEqual(['comparing', 'comparing']),
  )
  const [atStudio, atBook] = [studio.state(), book.state()]
  expect(atStudio).toMatchObject({ role: 'inviter', withName: 'MacBook', confirmedByUs: false })
  expect(atBook).toMatchObject({ role: 'joiner', withName: 'Studio' })
  expect('shortCode' in atStudio && atStudio.shortCode).toBe('shortCode' in atBook && atBook.shortCode)
  studio.confirm(true)
  expect(studio.state()).toMatchObject({ confirmedByUs: true })
  expect(() => studio.confirm(true)).toThrow('nothing to confirm')
  expect(book.membership.mesh()).toBeNull()
  book.confirm(true)
  await vi.waitFor(() => expect([studio.state().state, book.state().state]).toEqual(['done', 'done']))
  expect(book.membership.secret()).toBe(studio.membership.secret())
})

test('a no ends it for both, and closes the invitation', async () => {
  const network = createNetwork()
  const studio = network.stand('studio0000', 'Studio')
  const book = network.stand('book000000', 'MacBook')
  await studio.invite()
  book.joinNearby('studio0000')
  await vi.waitFor(() =>
    expect([studio.state().state, book.state().state]).toEqual(['comparing', 'comparing']),
  )
  book.confirm(true)
  studio.confirm(false)
  await vi.waitFor(() => {
    expect(studio.state()).toMatchObject({ state: 'failed', reason: 'declined_here' })
    expect(book.state()).toMatchObject({ state: 'failed', reason: 'declined_there' })
  })
  expect(studio.invitation()).toBeNull()
  expect(book.membership.mesh()).toBeNull()
})

test('when the newcomer calls it off, the invitation stays and says why', async () => {
  const network = createNetwork()
  const studio = network.stand('studio0000', 'Studio')
  const book = network.stand('book000000', 'MacBook')
  const code = await codeOf(studio)
  book.joinNearby('studio0000')
  await vi.waitFor(() => expect(studio.state().state).toBe('comparing'))
  book.cancel()
  expect(book.state()).toEqual({ state: 'idle' })
  await vi.waitFor(() =>
    expect(studio.state()).toMatchObject({
      state: 'invited',
      code,
      lastFailure: expect.stringContaining('gave up'),
    }),
  )
  book.join(code, null)
  await vi.waitFor(() => expect(book.state().state).toBe('done'))
})

test('cancelling an invitation closes it', async () => {
  const network = createNetwork()
  const studio = network.stand('studio0000', 'Studio')
  const book = network.stand('book000000', 'MacBook')
  const code = await codeOf(studio)
  const port = studio.invitation()?.port
  studio.cancel()
  expect(studio.state()).toEqual({ state: 'idle' })
  book.join(code, `127.0.0.1:${port}`)
  await vi.waitFor(() => expect(book.state()).toMatchObject({ state: 'failed', reason: 'unreachable' }))
})

test('inviting twice shows the same invitation; the next one has another code', async () => {
  const studio = createNetwork().stand('studio0000', 'Studio')
  const code = await codeOf(studio)
  expect(await codeOf(studio)).toBe(code)
  studio.cancel()
  expect(await codeOf(studio)).not.toBe(code)
})

test('an invitation that is cancelled while it opens is not opened', async () => {
  const studio = createNetwork().stand('studio0000', 'Studio')
  const inviting = studio.invite()
  studio.cancel()
  await inviting
  expect(studio.state()).toEqual({ state: 'idle' })
  expect(studio.invitation()).toBeNull()
})

test('one thing at a time, and only from outside a mesh', async () => {
  const network = createNetwork()
  const studio = network.stand('studio0000', 'Studio')
  const book = network.stand('book000000', 'MacBook')
  const code = await codeOf(studio)
  expect(() => studio.join(code, null)).toThrow('pairing already')
  studio.cancel()
  expect(() => studio.join(code, null)).toThrow('in the mesh "Studio" already')
  expect(() => book.join('ABCD', null)).toThrow('not typed as it is shown')
  expect(() => book.join(code, 'somewhere')).toThrow('Expected an address')
  expect(() => book.joinNearby('nobody')).toThrow('no such Mac')
  expect(() => book.joinNearby('studio0000')).toThrow('Studio lets nobody in right now')
  expect(() => book.confirm(true)).toThrow('nothing to confirm')
  expect(book.state()).toEqual({ state: 'idle' })
})
