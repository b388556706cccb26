// Who is connected and who is not: strangers, Macs that were removed, Macs that slept meanwhile.
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { dataPaths } from '../../main/config/data-folder.ts'
import { readMeshFile } from '../../main/membership/mesh-file.ts'
import { ask, longestGapMs } from '../machines/ask.ts'
import { machinesMissing } from '../machines/ip.ts'
import { allSeeAll, onlineFor, startMesh, until, workerIdOf } from '../machines/mesh.ts'
import type { PlacedPeer } from '../machines/peer.ts'
import { controller, makeMesh, nth, onMachines, scripted } from '../machines/test-mesh.ts'

describe.skipIf(machinesMissing !== null)(`Macs ${onMachines}`, () => {
  test('of another mesh get no connection, also when each is told where the other is', async () => {
    const mesh = await makeMesh([scripted, scripted])
    onTestFinished(() => mesh.close())
    const [one, two] = [nth(mesh.macs, 0), nth(mesh.macs, 1)]
    const strangers = [await mesh.network.addMachine(), await mesh.network.addMachine()]
    const workers = { static: [one, two].map(({ machine }) => ({ ip: machine.address })) }
    const others = await startMesh(strangers, () => ({ ...scripted, cluster: { workers } }))
    onTestFinished(async () => void (await Promise.all(others.map(peer => peer.close()))))
    await delay(3_000)
    await allSeeAll([one.peer, two.peer], { withinMs: 0 })
    await allSeeAll(others, { withinMs: 0 })
    expect(await onlineFor(one.peer)).not.toContain(await workerIdOf(nth(others, 0)))
  })

  test('that are removed are out at once and for good; the others stream on, with a new secret', async () => {
    const mesh = await makeMesh([controller, scripted, scripted])
    onTestFinished(() => mesh.close())
    const { macs } = mesh
    const [gateway, kept, rogue] = [nth(macs, 0), nth(macs, 1), nth(macs, 2)]
    const rogueId = await workerIdOf(rogue.peer)
    const before = secretOf(kept.peer)
    // It hears nothing of its removal, and goes on with what it knows.
    await rogue.machine.unplug()
    await until(() => sees(gateway.peer, rogueId, false), 8_000, 'the rogue to be missed')
    const question = { model: 'scripted', prompt: 'a story', maxTokens: 400 }
    let removing: Promise<unknown> | null = null
    const answer = await ask(gateway.peer.url, {
      ...question,
      onToken: () => {
        removing ??= gateway.peer.command('remove', 'Mac 3')
      },
    })
    await removing
    expect(answer).toMatchObject({ end: 'complete', tokens: 400 })
    expect(longestGapMs(answer)).toBeLessThan(1_000)
    await until(async () => secretOf(kept.peer) !== before || 'the old one', 5_000, 'a new secret')
    expect(secretOf(gateway.peer)).toBe(secretOf(kept.peer))
    await rogue.machine.plug()
    await delay(5_000)
    expect(await onlineFor(gateway.peer)).toEqual([await workerIdOf(kept.peer)])
    expect(await onlineFor(rogue.peer)).toEqual([rogueId])
  }, 60_000)

  test('that slept while another was removed are welcome when they wake up', async () => {
    const mesh = await makeMesh([scripted, scripted, scripted])
    onTestFinished(() => mesh.close())
    const { macs } = mesh
    const [one, sleeper, removed] = [nth(macs, 0), nth(macs, 1), nth(macs, 2)]
    const sleeperId = await workerIdOf(sleeper.peer)
    await sleeper.machine.unplug()
    await sleeper.machine.freeze()
    await until(() => sees(one.peer, sleeperId, false), 8_000, 'the sleeper to be missed')
    await one.peer.command('remove', 'Mac 3')
    const removedId = await workerIdOf(removed.peer)
    await until(() => sees(one.peer, removedId, false), 5_000, 'the other to be out')
    await sleeper.machine.thaw()
    await sleeper.machine.plug()
    await allSeeAll([one.peer, sleeper.peer], { withinMs: 15_000 })
    await until(async () => secretOf(one.peer) === secretOf(sleeper.peer) || 'another', 5_000, 'one secret')
    expect(readFileSync(dataPaths(one.peer.dataFolder).logFile, 'utf8')).not.toContain(secretOf(one.peer))
  }, 60_000)
})

async function sees(peer: PlacedPeer, workerId: string, expected: boolean): Promise<true | string> {
  const online = await onlineFor(peer)
  return online.includes(workerId) === expected || online.join()
}

function secretOf({ dataFolder }: PlacedPeer): string {
  const kept = readMeshFile(dataPaths(dataFolder).meshFile)
  if (!kept) throw new Error('the peer is in no mesh')
  return kept.mesh.roster.secret.value
}
