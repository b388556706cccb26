import { statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { pair, startMac, startMesh, until } from './joined.ts'

describe('a mesh', () => {
  test('is one Mac alone until another one is let in; then both see each other', async () => {
    const studio = await startMac('Studio')
    const laptop = await startMac('Laptop')
    expect(studio.joined.ownRoute()).toBeNull()
    await studio.membership.create('home')
    expect(studio.sees()).toEqual(['Studio'])
    await pair(studio, laptop)
    await until(() => studio.sees().length === 2 && laptop.sees().length === 2)
    expect(laptop.membership.mesh()).toEqual(studio.membership.mesh())
    expect(laptop.membership.members()).toEqual(studio.membership.members())
    expect(statSync(join(laptop.folder, 'mesh.json')).mode & 0o777).toBe(0o600)
  })

  test('of three knows a newcomer that only one of them let in', async () => {
    const [a, b, c] = await startMesh('A', 'B', 'C')
    expect(c?.sees()).toEqual(['A', 'B', 'C'])
    expect(b?.membership.members()).toEqual(a?.membership.members())
  })

  test('gives a newcomer another name when its own is taken', async () => {
    const a = await startMac('Mac', { workerId: 'aaaaaaaaaa' })
    const b = await startMac('Mac', { workerId: 'bbbbbbbbbb' })
    await a.membership.create('home')
    await pair(a, b)
    expect(b.membership.self().name).toBe('Mac (2)')
    await b.membership.rename('Laptop')
    await until(() => a.sees().includes('Laptop'))
  })

  test('comes together again after a restart of everybody', async () => {
    const macs = await startMesh('A', 'B')
    for (const mac of macs) await mac.stop()
    const again = await Promise.all(macs.map(mac => mac.again()))
    await until(() => again.every(mac => mac.sees().length === 2))
  })

  test('cuts off at once who is removed, changes the secret, and drops nobody else', async () => {
    const [a, b, c] = await startMesh('A', 'B', 'C')
    if (!a || !b || !c) throw new Error('no mesh')
    let received = 0
    b.bus.subscribe('count', () => received++)
    let sent = 0
    const sending = setInterval(() => {
      sent++
      a.bus.publish('count', new Uint8Array(1))
    }, 5)
    await a.membership.remove(c.workerId)
    await until(() => a.sees().length === 2 && b.sees().length === 2)
    await until(() => b.membership.digest() === a.membership.digest())
    clearInterval(sending)
    await until(() => received === sent) // not one message was lost on the way from a to b
    await until(() => c.membership.mesh() === null)
    await until(() => c.sees().length === 1)
  })

  test('lets nobody back in who was removed, also when he keeps what he knew', async () => {
    const [a, b, c] = await startMesh('A', 'B', 'C')
    if (!a || !b || !c) throw new Error('no mesh')
    await c.stop() // it never hears of it
    await a.membership.remove(c.workerId)
    await until(() => b.membership.digest() === a.membership.digest())
    await until(() => a.sees().length === 2)
    const rogue = await c.again()
    const heard: string[] = []
    rogue.bus.subscribe('>', message => heard.push(message.subject))
    await until(() => a.lines.some(line => line.message.includes('TLS route handshake error')))
    await until(() => b.lines.some(line => line.message.includes('TLS route handshake error')))
    expect(a.sees()).toEqual(['A', 'B'])
    expect(rogue.sees()).toEqual(['C'])
    expect(heard.filter(subject => !subject.startsWith('cluster.peer'))).toEqual([])
  })

  test('takes back a member that slept while the secret was changed', async () => {
    const [a, b, c] = await startMesh('A', 'B', 'C')
    if (!a || !b || !c) throw new Error('no mesh')
    await b.stop()
    await a.membership.remove(c.workerId)
    const awake = await b.again()
    await until(() => a.sees().length === 2 && awake.sees().length === 2)
    await until(() => awake.membership.digest() === a.membership.digest())
    expect(awake.membership.members().map(member => member.name)).toEqual(['A', 'B'])
  })

  test('changes its secret when somebody leaves by himself, and he may come back as a new member', async () => {
    const [a, b, c] = await startMesh('A', 'B', 'C')
    if (!a || !b || !c) throw new Error('no mesh')
    const before = a.membership.digest()
    await c.membership.leave()
    await until(() => a.sees().length === 2 && b.sees().length === 2)
    await until(
      () => a.lines.some(line => line.message.includes('secret')) || a.membership.digest() !== before,
    )
    await until(() => b.membership.digest() === a.membership.digest())
    await pair(b, c)
    await until(() => [a, b, c].every(mac => mac.sees().length === 3))
  })

  test('has one leader, and another one when that Mac is gone', async () => {
    const [a, b] = await startMesh('A', 'B')
    await until(() => a?.peers.leader()?.name === 'A' && b?.peers.leader()?.name === 'A')
    await a?.stop()
    await until(() => b?.peers.leader()?.name === 'B')
  })
})

test('two meshes on one network have nothing to do with each other', async () => {
  const [a] = await startMesh('A', 'B')
  const route = a?.joined.ownRoute()
  const stranger = await startMac('X', { statics: [{ host: '127.0.0.1', port: route?.port ?? 0 }] })
  await stranger.membership.create('other')
  await until(() => a?.lines.some(line => line.message.includes('TLS route handshake error')) ?? false)
  expect(a?.sees()).toEqual(['A', 'B'])
  expect(stranger.sees()).toEqual(['X'])
})
