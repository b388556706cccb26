import { expect, test } from 'vitest'
import { leaderOf } from '../../main/cluster/leader.ts'
import { openPeers } from '../../main/cluster/peers.ts'
import { createMemoryExchange, type MemoryBus } from '../../main/fabric/memory-bus.ts'
import { encodeJson } from '../../main/protocol/json.ts'
import { subjects } from '../../main/protocol/subjects.ts'
import type { PeerBeat } from '../../main/protocol/workers.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { ManualClock } from '../support/manual-clock.ts'

function startPeers() {
  const clock = new ManualClock()
  const exchange = createMemoryExchange({ clock })
  const silent: string[] = []
  const join = (name: string, mode: PeerBeat['mode'] = 'dual') => {
    const bus = exchange.join()
    const peers = openPeers({
      bus,
      clock,
      log: silentLog,
      heartbeatIntervalMs: 1000,
      offlineTimeoutMs: 3500,
      self: () => ({ workerId: name, name, version: '1', mode, roster: null, route: null }),
      onBeat: () => {},
      onSilent: id => silent.push(`${name}: ${id}`),
    })
    const sees = () =>
      peers
        .present()
        .map(beat => beat.name)
        .sort()
    return { bus, peers, sees, leader: () => peers.leader()?.name }
  }
  /** Time passes, and what is said meanwhile arrives. */
  const pass = async (ms: number, ...buses: MemoryBus[]) => {
    for (let passed = 0; passed < ms; passed += 100) {
      clock.advance(100)
      for (const bus of buses) await bus.flush(1000)
    }
  }
  return { clock, join, pass, silent, exchange }
}

test('the peer that has been here longest leads, and the next one when it says goodbye', async () => {
  const { join, pass } = startPeers()
  const a = join('a')
  await pass(500, a.bus)
  const b = join('b')
  await pass(1000, a.bus, b.bus)
  expect([a.leader(), b.leader()]).toEqual(['a', 'a'])
  a.peers.close()
  await b.bus.flush(1000)
  expect(b.leader()).toBe('b')
})

test('a peer that only works never leads', async () => {
  const { join, pass } = startPeers()
  const a = join('a', 'worker')
  await pass(500, a.bus)
  expect(a.leader()).toBeUndefined()
  const b = join('b', 'controller')
  await pass(1000, a.bus, b.bus)
  expect(a.leader()).toBe('b')
})

test('a killed peer is gone as soon as its beat is late and nobody listens there', async () => {
  const { join, pass, silent } = startPeers()
  const a = join('a')
  const b = join('b')
  await pass(1000, a.bus, b.bus)
  await b.bus.close() // no goodbye
  await pass(2000, a.bus)
  expect(a.sees()).toEqual(['a'])
  expect(silent).toEqual(['a: b'])
})

test('a peer whose cable was pulled counts as here until the timeout, and again at its next beat', async () => {
  const { join, pass } = startPeers()
  const a = join('a')
  const b = join('b')
  await pass(1000, a.bus, b.bus)
  a.bus.interrupt()
  await pass(2500, b.bus)
  expect(a.sees()).toEqual(['a', 'b'])
  await pass(1500, b.bus)
  expect(a.sees()).toEqual(['a'])
  a.bus.reconnect()
  await pass(1200, a.bus, b.bus)
  expect(a.sees()).toEqual(['a', 'b'])
  expect(b.sees()).toEqual(['a', 'b'])
})

test('of a peer that lets a beat and a question pass nothing is asked, although it may still be there', async () => {
  const { exchange, join, pass, silent } = startPeers()
  const a = join('a')
  const deaf = exchange.join()
  deaf.subscribe(subjects.ping('deaf'), () => {})
  const beat = { workerId: 'deaf', name: 'deaf', version: '1', mode: 'dual', roster: null, route: null }
  deaf.publish(subjects.peer, encodeJson({ ...beat, epoch: 1, timestamp: 1 }))
  await pass(1200, a.bus, deaf)
  expect(silent).toEqual([])
  await pass(900, a.bus, deaf)
  expect(silent).toContain('a: deaf')
  expect(a.sees()).toEqual(['a', 'deaf'])
})

test('a peer that was started again after its clock had been put back is seen once the run before is silent', async () => {
  const { clock, join, pass } = startPeers()
  const a = join('a')
  const beatOfB = (epoch: number): PeerBeat => ({
    workerId: 'b',
    name: 'b',
    epoch,
    version: '1',
    mode: 'dual',
    roster: null,
    route: null,
    timestamp: epoch,
  })
  const voice = join('c')
  voice.bus.subscribe(subjects.ping('b'), message => message.respond(new Uint8Array(0)))
  const say = async (epoch: number) => {
    voice.bus.publish(subjects.peer, encodeJson(beatOfB(epoch)))
    await pass(100, a.bus, voice.bus)
  }
  await say(clock.now() + 1e11)
  await say(clock.now()) // late, of an earlier run
  expect(a.peers.present().find(({ workerId }) => workerId === 'b')?.epoch).toBeGreaterThan(1e11)
  await pass(4000, a.bus, voice.bus)
  await say(clock.now())
  expect(a.sees()).toContain('b')
})

test('a Mac that was asleep does not take the lead back', async () => {
  const { clock, join, pass } = startPeers()
  const a = join('a')
  await pass(500, a.bus)
  const b = join('b')
  await pass(1000, a.bus, b.bus)
  expect(b.leader()).toBe('a')
  clock.sleep(60_000) // both timers stand still: both begin anew, in the order of their ids
  await pass(1200, a.bus, b.bus)
  expect(a.leader()).toBe(b.leader())
})

test.each([
  [
    [
      ['a', 5],
      ['b', 3],
    ],
    'b',
  ],
  [
    [
      ['b', 3],
      ['a', 3],
    ],
    'a',
  ],
  [[], undefined],
] as const)('of %j the leader is %s', (peers, expected) => {
  const beats = peers.map(([workerId, epoch]) => ({
    workerId,
    epoch,
    name: workerId,
    version: '1',
    mode: 'dual' as const,
    roster: null,
    route: null,
    timestamp: 0,
  }))
  expect(leaderOf(beats)?.workerId).toBe(expected)
})
