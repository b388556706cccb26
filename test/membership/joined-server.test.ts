import { mkdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readMeshFile } from '../../main/membership/mesh-file.ts'
import { type Mac, startMac, startMesh, until } from './joined.ts'

const routesOf = ({ folder }: Mac) => readFileSync(join(folder, 'run', 'nats-server.conf'), 'utf8')

test('a stranger who says by mDNS that a member is elsewhere takes no route away, and nothing he says is kept', async () => {
  const [a, b] = await startMesh('A', 'B')
  if (!a || !b) throw new Error('no mesh')
  const real = `127.0.0.1:${b.joined.ownRoute()?.port}`
  await until(() => routesOf(a).includes(real))
  a.joined.hinted(b.workerId, '127.0.0.9', 7422)
  await until(() => routesOf(a).includes('127.0.0.9:7422'))
  expect(routesOf(a)).toContain(real)
  a.joined.hinted('stranger00', '127.0.0.8', 7422)
  await a.membership.rename('Studio')
  expect(routesOf(a)).not.toContain('127.0.0.8')
  expect(readFileSync(join(a.folder, 'mesh.json'), 'utf8')).not.toMatch(/127\.0\.0\.[89]/)
})

test('what nats-server could not be told, the disk being full, it is told at the next try', async () => {
  const a = await startMac('A')
  await a.membership.create('home')
  const kept = readMeshFile(join(a.folder, 'mesh.json'))
  if (!kept) throw new Error('no mesh')
  const mesh = { ...kept.mesh, routes: [{ host: '127.0.0.7', port: 7422 }] }
  const file = join(a.folder, 'run', 'nats-server.conf')
  rmSync(file)
  mkdirSync(file)
  await expect(a.joined.enforce(mesh)).rejects.toThrow()
  rmdirSync(file)
  await a.joined.enforce(mesh)
  expect(routesOf(a)).toContain('127.0.0.7:7422')
})
