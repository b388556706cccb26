// How Macs come together: with a code, late, all at once, again, from another address, after a partition.
import { describe, expect, onTestFinished, test } from 'vitest'
import { ask } from '../machines/ask.ts'
import { machinesMissing } from '../machines/ip.ts'
import { allSeeAll, leaderFor, onlineFor, pair, until, workerIdOf } from '../machines/mesh.ts'
import type { PlacedPeer } from '../machines/peer.ts'
import { makeMesh, makeStrangers, nth, onMachines, scripted, type TestMesh } from '../machines/test-mesh.ts'

const question = { model: 'scripted', prompt: 'hello', maxTokens: 20 }

describe.skipIf(machinesMissing !== null)(`Macs ${onMachines}`, () => {
  test('become a mesh with a code, and not without one; one that comes late is let in by any of them', async () => {
    const { macs } = await started(makeStrangers([scripted, scripted, scripted]))
    const [one, two, three] = macs.map(({ peer }) => peer)
    if (!one || !two || !three) throw new Error('three Macs')
    for (const peer of [one, two, three]) expect(await onlineFor(peer)).toEqual([await workerIdOf(peer)])
    await pair(one, two, 'mDNS')
    await allSeeAll([one, two], { withinMs: 5_000 })
    await pair(two, three, 'address')
    await allSeeAll([one, two, three], { withinMs: 5_000 })
  })

  test('find each other when they start all at once, and one that comes late', async () => {
    const { macs } = await started(makeMesh([scripted, scripted, scripted, scripted, scripted]))
    await Promise.all(macs.map(({ peer }) => peer.stop()))
    await Promise.all(macs.map(again))
    await allSeeAll(peersOf(macs), { withinMs: 10_000 })
    const late = nth(macs, 4)
    await late.peer.stop()
    await allSeeAll(peersOf(macs.slice(0, 4)), { withinMs: 3_000 })
    await again(late)
    await allSeeAll(peersOf(macs), { withinMs: 5_000 })
  })

  test('know one again that was killed, or given another address', async () => {
    const { macs } = await started(makeMesh([scripted, scripted, scripted]))
    const mac = nth(macs, 1)
    await mac.peer.kill()
    await again(mac)
    await allSeeAll(peersOf(macs), { withinMs: 5_000 })
    await mac.machine.changeAddress()
    // The others lose it with its old address, and find it at the new one.
    for (const { peer } of macs) await until(() => answers(peer), 5_000, 'an answer')
    await until(() => staysComplete(macs), 30_000, 'all to see all for 5 s')
  }, 60_000)

  test('work on each side of a network that is split, and are one mesh when it heals', async () => {
    const { network, macs } = await started(makeMesh([scripted, scripted, scripted, scripted]))
    const sides = [macs.slice(0, 2), macs.slice(2)]
    await network.split(nth(sides, 0).map(({ machine }) => machine))
    for (const { peer } of macs) expect(await answers(peer)).toBe(true)
    for (const side of sides) await allSeeAll(peersOf(side), { withinMs: 8_000 })
    await network.heal()
    await allSeeAll(peersOf(macs), { withinMs: 15_000 })
  })

  test('have one leader, two of them on the sides of a partition, and one again', async () => {
    const { network, macs } = await started(makeMesh([scripted, scripted]))
    const [one, two] = [nth(macs, 0), nth(macs, 1)]
    const leaders = async () => Promise.all(macs.map(({ peer }) => leaderFor(peer)))
    const isOne = async () => new Set(await leaders()).size === 1 || (await leaders()).join()
    await until(isOne, 5_000, 'one leader')
    await network.split([one.machine])
    const own = await Promise.all(macs.map(({ peer }) => workerIdOf(peer)))
    await until(
      async () => (await leaders()).join() === own.join() || (await leaders()).join(),
      8_000,
      'a leader each',
    )
    await network.heal()
    await until(isOne, 15_000, 'one leader')
    const [leader] = await leaders()
    const [loser, survivor] = leader === (await workerIdOf(one.peer)) ? [one, two] : [two, one]
    await loser.peer.kill()
    const survivorId = await workerIdOf(survivor.peer)
    await until(
      async () => (await leaderFor(survivor.peer)) === survivorId || 'another',
      5_000,
      'the other to lead',
    )
    await again(loser)
  }, 60_000)

  test('are one mesh of ten', async () => {
    const { macs } = await started(makeMesh(Array.from({ length: 10 }, () => scripted)))
    const found = await Promise.all(macs.map(({ peer }) => ask(peer.url, question)))
    expect(new Set(found.map(({ end, text }) => `${end}: ${text}`)).size).toBe(1)
    expect(found[0]?.end).toBe('complete')
  }, 90_000)
})

async function started(starting: Promise<TestMesh>): Promise<TestMesh> {
  const mesh = await starting
  onTestFinished(() => mesh.close())
  return mesh
}

function peersOf(macs: TestMesh['macs']): PlacedPeer[] {
  return macs.map(({ peer }) => peer)
}

async function again(mac: TestMesh['macs'][number]): Promise<void> {
  mac.peer = await mac.peer.startAgain()
}

async function answers(peer: PlacedPeer): Promise<true | string> {
  const { end, reason } = await ask(peer.url, question)
  return end === 'complete' || reason
}

/** Old connections may live on for a moment: what counts is that they see each other for good. */
async function staysComplete(macs: TestMesh['macs']): Promise<true | string> {
  const untilMs = performance.now() + 5_000
  while (performance.now() < untilMs) {
    const seen = await Promise.all(macs.map(({ peer }) => onlineFor(peer)))
    if (seen.some(online => online.length !== macs.length)) return seen.map(each => each.length).join()
  }
  return true
}
