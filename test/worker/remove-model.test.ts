import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pinModel, removeModel } from '../../main/cluster/commands.ts'
import { makeTempFolder } from '../support/temp-folder.ts'
import { openWorld, writeModel } from './copy-world.ts'

async function openMac() {
  const world = await openWorld()
  const models = makeTempFolder()
  writeModel(models, 'org/copied', 1000)
  const mac = await world.startMac('mac', { folder: models })
  const remove = (modelId: string) => removeModel(world.bus, mac.workerId, modelId)
  const seen = (modelId: string, isThere: boolean) =>
    world.until(mac, modelId, status => (status !== null) === isThere)
  await seen('org/copied', true)
  return { world, models, mac, remove, seen }
}

test('a model that is removed is gone from the list and from the disk', async () => {
  const { models, remove, seen } = await openMac()
  expect(await remove('org/copied')).toMatchObject({ state: 'absent' })
  await seen('org/copied', false)
  expect(readdirSync(models)).toEqual([])
})

test('a model that is loaded stays, also when it is asked for by name', async () => {
  const { world, models, mac, remove } = await openMac()
  await world.load(mac, 'org/copied')
  await world.until(mac, 'org/copied', status => status?.state === 'ready')
  await expect(remove('org/copied')).rejects.toMatchObject({
    code: 'INVALID_REQUEST',
    message: expect.stringContaining('Unload it first'),
  })
  expect(existsSync(join(models, 'org/copied', 'model.safetensors'))).toBe(true)
})

test('what lies elsewhere stays where only a link to it is removed', async () => {
  const { models, remove, seen } = await openMac()
  const elsewhere = makeTempFolder()
  writeModel(elsewhere, 'mine', 1000)
  symlinkSync(join(elsewhere, 'mine'), join(models, 'mine'))
  await seen('mine', true)
  await remove('mine')
  expect(readdirSync(models)).toEqual(['org'])
  expect(existsSync(join(elsewhere, 'mine', 'model.safetensors'))).toBe(true)
}, 20_000)

test('what lies in a folder that is only linked to is not removed', async () => {
  const { models, remove, seen } = await openMac()
  const elsewhere = makeTempFolder()
  writeModel(elsewhere, 'mine', 1000)
  symlinkSync(elsewhere, join(models, 'linked'))
  await seen('linked/mine', true)
  await expect(remove('linked/mine')).rejects.toMatchObject({
    code: 'INVALID_REQUEST',
    message: expect.stringContaining('behind a link'),
  })
  expect(existsSync(join(elsewhere, 'mine', 'model.safetensors'))).toBe(true)
}, 20_000)

test('nothing that is not a model of this Mac can be removed', async () => {
  const { models, remove } = await openMac()
  for (const name of ['org', '..', '../..', '.partial', 'org/none', '']) {
    await expect(remove(name), name).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
  }
  expect(existsSync(join(models, 'org/copied'))).toBe(true)
})

test('a removed model is not pinned any more when it comes back', async () => {
  const { world, models, mac, remove, seen } = await openMac()
  expect(await pinModel(world.bus, mac.workerId, 'org/copied', true)).toMatchObject({ pinned: true })
  await remove('org/copied')
  await seen('org/copied', false)
  writeModel(models, 'org/copied', 1000)
  expect(await seen('org/copied', true)).not.toHaveProperty('pinned')
}, 20_000)

test('what a Mac that was ended in the middle has left is gone after its next start', async () => {
  const world = await openWorld()
  const models = makeTempFolder()
  mkdirSync(join(models, '.removed', 'org%2Fcopied', '1'), { recursive: true })
  await world.startMac('mac', { folder: models })
  expect(readdirSync(models)).toEqual([])
})
