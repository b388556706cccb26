import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readMeshFile, writeMeshFile } from '../../main/membership/mesh-file.ts'
import { startMac } from './joined.ts'

const key = randomBytes(32)

/** `mesh.json` of a Mac that has founded a mesh, and the secret in it. */
async function foundMesh() {
  const mac = await startMac('A')
  await mac.membership.create('home')
  const file = join(mac.folder, 'mesh.json')
  const kept = readMeshFile(file)
  if (!kept) throw new Error('no mesh')
  return { mac, file, kept, secret: kept.mesh.roster.secret.value }
}

test('a sealed file says nothing of the mesh, and everything with its key', async () => {
  const { file, kept, secret } = await foundMesh()
  expect(readFileSync(file, 'utf8')).toContain(secret)
  writeMeshFile(file, kept, key)
  const text = readFileSync(file, 'utf8')
  for (const told of [secret, kept.mesh.meshName, 'PRIVATE', kept.mesh.meshId])
    expect(text).not.toContain(told)
  expect(readMeshFile(file, key)).toEqual(kept)
})

test('a sealed file without its key, or changed by somebody, is an error that says what to do', async () => {
  const { file, kept } = await foundMesh()
  writeMeshFile(file, kept, key)
  expect(() => readMeshFile(file)).toThrow('Start MLX Mesh as the app, and let it use the Keychain')
  expect(() => readMeshFile(file, randomBytes(32))).toThrow('sealed with another key')
  const { sealed } = JSON.parse(readFileSync(file, 'utf8'))
  const changed = Buffer.from(sealed.text, 'base64')
  changed[7] = (changed[7] ?? 0) ^ 1
  writeFileSync(file, JSON.stringify({ sealed: { ...sealed, text: changed.toString('base64') } }))
  expect(() => readMeshFile(file, key)).toThrow('sealed with another key')
})

test('a Mac whose mesh lies open seals it when it starts with a key, and stays in the mesh', async () => {
  const { mac, file, secret } = await foundMesh()
  await mac.stop()
  const sealing = await mac.again({ meshKey: key })
  expect(readFileSync(file, 'utf8')).not.toContain(secret)
  expect(sealing.membership.self().name).toBe('A')
  await sealing.membership.rename('Studio')
  expect(readFileSync(file, 'utf8')).not.toContain('Studio')
  expect(JSON.stringify(readMeshFile(file, key))).toContain('Studio')
})
