import { expect, test } from 'vitest'
import { createMemoryExchange } from '../../main/fabric/memory-bus.ts'
import type { Mesh } from '../../main/membership/mesh-file.ts'
import { openMembership } from '../../main/membership/open-membership.ts'
import { makeKey } from '../../main/membership/own-key.ts'
import {
  type Member,
  type Roster,
  roster as rosterSchema,
  withMember,
  withoutMember,
} from '../../main/membership/roster.ts'
import { encodeJson } from '../../main/protocol/json.ts'
import { subjects } from '../../main/protocol/subjects.ts'
import type { PeerBeat } from '../../main/protocol/workers.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { ManualClock } from '../support/manual-clock.ts'

function mac(letter: string): Member {
  return { workerId: letter.repeat(10), name: letter, key: letter.repeat(64) }
}

const empty: Roster = { secret: { value: 's'.repeat(43), removals: 0 }, entries: [] }
const three = ['a', 'b', 'c'].reduce((roster, letter) => withMember(roster, mac(letter), 1), empty)
const key = makeKey()

function meshWith(roster: Roster, previous: Mesh['previous'] = []): Mesh {
  return { meshId: 'mesh00000000', meshName: 'home', key, roster, previous, routes: [] }
}

/** The Mac "a", whose nats-server obeys when the test lets it. */
function startMember(kept: Mesh | null, name = 'a') {
  const clock = new ManualClock()
  const exchange = createMemoryExchange({ clock })
  const bus = exchange.join()
  const others = exchange.join()
  const enforced: (Mesh | null)[] = []
  const keptNames: string[] = []
  const state = { isLeader: false, gate: Promise.resolve() }
  const membership = openMembership({
    workerId: mac('a').workerId,
    name,
    keepName: kept => void keptNames.push(kept),
    kept,
    bus,
    clock,
    log: silentLog,
    enforce: async mesh => {
      await state.gate
      enforced.push(mesh)
    },
    routes: () => [],
    isLeader: () => state.isLeader,
  })
  const settle = async () => {
    for (let turn = 0; turn < 10; turn++) await bus.flush(1000)
  }
  /** "b" says that it has the roster that "a" has now. */
  const hearB = async () => {
    const { workerId, name } = mac('b')
    const roster = membership.digest()
    const beat: PeerBeat = {
      workerId,
      name,
      epoch: 1,
      version: '1',
      mode: 'dual',
      roster,
      route: null,
      timestamp: 1,
    }
    others.publish(subjects.peer, encodeJson(beat))
    await others.flush(1000)
  }
  return { clock, keptNames, membership, enforced, state, settle, hearB, last: () => enforced.at(-1) ?? null }
}

const without = withoutMember(three, mac('c').workerId)

test('the secret is changed although who removed a Mac died before it did, as soon as somebody leads', async () => {
  const { clock, state, settle, enforced, last } = startMember(meshWith(without))
  clock.advance(10_000)
  await settle()
  expect(enforced).toEqual([])
  state.isLeader = true
  clock.advance(2000)
  await settle()
  expect(last()?.roster.secret.value).not.toBe(three.secret.value)
  clock.advance(10_000)
  await settle()
  expect(enforced).toHaveLength(1)
})

test('a membership that is closed changes nothing any more', async () => {
  const { clock, state, settle, enforced, membership } = startMember(meshWith(without))
  state.isLeader = true
  clock.advance(1000)
  membership.close()
  clock.advance(10_000)
  await settle()
  expect(enforced).toEqual([])
})

test('the secret before is trusted as long as a member may know no other one, whatever is heard during the change', async () => {
  const { membership, state, hearB, settle, last } = startMember(
    meshWith(three, [{ secret: 'r'.repeat(43), awaited: [mac('b').workerId] }]),
  )
  const { promise, resolve } = Promise.withResolvers<void>()
  state.gate = promise
  const removed = membership.remove(mac('c').workerId)
  await settle()
  await hearB() // with the roster before the change
  resolve()
  await removed
  await settle()
  expect(last()?.previous.map(({ secret }) => secret)).toContain(three.secret.value)
  await hearB()
  await settle()
  expect(last()?.previous).toEqual([])
})

test('that a member has the new secret is news to nobody else', async () => {
  const awaited = [mac('b').workerId]
  const { membership, hearB, settle, enforced } = startMember(
    meshWith(three, [{ secret: 'r'.repeat(43), awaited }]),
  )
  let changes = 0
  membership.onChange(() => changes++)
  await hearB()
  await settle()
  expect(enforced).toHaveLength(1)
  expect(changes).toBe(0)
})

test('the last Mac of a mesh trusts no secret but the new one', async () => {
  const two = withoutMember(three, mac('c').workerId)
  const { membership, last } = startMember(meshWith(two))
  await membership.remove(mac('b').workerId)
  expect(last()?.previous).toEqual([])
})

test('a Mac whose name is longer than others take makes a mesh that it can read again', async () => {
  const { membership, last } = startMember(null, 'x'.repeat(200))
  await membership.create('home')
  expect(rosterSchema.safeParse(last()?.roster).success).toBe(true)
})

test('a Mac without a mesh has the name that its owner gave it, and takes it along into one', async () => {
  const { membership, keptNames, last } = startMember(null)
  let changes = 0
  membership.onChange(() => changes++)
  await membership.rename('Workshop')
  expect(membership.self().name).toBe('Workshop')
  expect(keptNames).toEqual(['Workshop'])
  expect(changes).toBe(1)
  await membership.create('home')
  expect(membership.members()).toMatchObject([{ name: 'Workshop' }])
  await membership.leave()
  expect(last()).toBeNull()
  expect(membership.self().name).toBe('Workshop')
})
