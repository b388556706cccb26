// Changes that several Macs make at the same moment.
import { expect, test } from 'vitest'
import { pair, startMac, startMesh, until } from './joined.ts'

test('two Macs that each remove another one end in one mesh without both, and one of these may come back', async () => {
  const [a, b, c, d] = await startMesh('A', 'B', 'C', 'D')
  if (!a || !b || !c || !d) throw new Error('no mesh')
  await Promise.all([a.membership.remove(c.workerId), b.membership.remove(d.workerId)])
  await until(() => a.sees().length === 2 && a.membership.digest() === b.membership.digest())
  await until(() => c.membership.mesh() === null && d.membership.mesh() === null)
  expect(a.membership.members().map(({ name }) => name)).toEqual(['A', 'B'])
  await pair(a, c)
  await until(() => [a, b, c].every(mac => mac.sees().length === 3))
})

test('a Mac that comes while another one is removed and all get other names is in the mesh that all agree on', async () => {
  const [a, b, c] = await startMesh('A', 'B', 'C')
  const d = await startMac('D')
  if (!a || !b || !c) throw new Error('no mesh')
  await Promise.all([
    pair(b, d),
    a.membership.remove(c.workerId),
    ...['B1', 'B2', 'B3'].map(name => b.membership.rename(name)),
    ...['A1', 'A2', 'A3'].map(name => a.membership.rename(name)),
  ])
  const digests = () => new Set([a, b, d].map(mac => mac.membership.digest()))
  await until(() => digests().size === 1 && [a, b, d].every(mac => mac.sees().length === 3))
  expect(d.membership.members().map(({ name }) => name)).toEqual(['A3', 'B3', 'D'])
  await until(() => c.membership.mesh() === null)
})
