import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { decodeJson, encodeJson } from '../../main/protocol/json.ts'
import { type ModelReadRequest, modelFilesAnswer, modelReadRequest } from '../../main/protocol/model-files.ts'
import { openPart, partBytes } from '../../main/protocol/parts.ts'
import { subjects } from '../../main/protocol/subjects.ts'
import { makeSmallDisk, makeTempFolder, noSmallDisk } from '../support/temp-folder.ts'
import { filesOf, openWorld, type World, writeModel } from './copy-world.ts'

const megabyte = 2 ** 20
const isReady = (status: { state: string } | null) => status?.state === 'ready'
const isAbsent = (status: { state: string } | null) => status?.state === 'absent'

/** What was read of the weights on a Mac, in the order of asking. */
function watchReads(world: World, workerId: string, onRead: (request: ModelReadRequest) => void = () => {}) {
  const offsets: number[] = []
  world.bus.subscribe(subjects.modelRead(workerId), message => {
    const request = modelReadRequest.parse(decodeJson(message.data))
    if (request.file !== 'model.safetensors') return
    offsets.push(request.offset)
    onRead(request)
  })
  return offsets
}

describe('a model that another Mac has', () => {
  test('is copied, loaded, and stays', async () => {
    const world = await openWorld()
    const giver = makeTempFolder()
    writeModel(giver, 'org/tiny', 3 * megabyte + 5)
    await world.startMac('giver', { folder: giver })
    const taker = await world.startMac('taker')

    const begun = await world.load(taker, 'org/tiny')
    expect(begun).toMatchObject({ state: 'downloading', contextTokens: 4096, sizeBytes: 3 * megabyte + 5 })
    expect(begun.copied?.ofBytes).toBe(3 * megabyte + 5 + 35)
    const ready = await world.until(taker, 'org/tiny', isReady)
    expect(ready?.copied).toBeUndefined()
    expect(world.view.holders('org/tiny')).toHaveLength(2)
    expect(filesOf(taker.models, 'org/tiny')).toEqual(filesOf(giver, 'org/tiny'))
    expect(existsSync(join(taker.models, 'org/tiny/.secret'))).toBe(false)
    expect(readdirSync(join(taker.models, '.partial'))).toEqual([])

    await taker.stop()
    const again = await world.startMac('taker', { folder: taker.models })
    await world.until(again, 'org/tiny', status => status?.state === 'unloaded')
  })

  test('says on its way how far it is, and nobody is sent to it meanwhile', async () => {
    const world = await openWorld()
    const giver = makeTempFolder()
    writeModel(giver, 'tiny', 4 * megabyte)
    const { bus } = await world.startMac('giver', { folder: giver })
    const taker = await world.startMac('taker')
    watchReads(world, 'giver', ({ offset }) => {
      if (offset >= 2 * megabyte) void bus.close() // and the copy stands still
    })
    await world.load(taker, 'tiny')
    const half = await world.until(taker, 'tiny', status => (status?.copied?.bytes ?? 0) > megabyte)
    expect(half).toMatchObject({ state: 'downloading', copied: { ofBytes: 4 * megabyte + 35 } })
    expect(world.view.holders('tiny').map(({ worker }) => worker.registration.workerId)).toEqual(['giver'])
  })

  test('is copied once by a Mac that is asked twice', async () => {
    const world = await openWorld()
    const giver = makeTempFolder()
    writeModel(giver, 'tiny', 2 * megabyte)
    await world.startMac('giver', { folder: giver })
    const taker = await world.startMac('taker')
    const reads = watchReads(world, 'giver')
    const [one, two] = await Promise.all([world.load(taker, 'tiny'), world.load(taker, 'tiny')])
    expect([one.state, two.state]).toEqual(['downloading', 'downloading'])
    expect((await world.load(taker, 'tiny')).state).toBe('downloading')
    await world.until(taker, 'tiny', isReady)
    expect(reads).toHaveLength((2 * megabyte) / partBytes)
  })

  test('goes to two Macs that are asked at the same time', async () => {
    const world = await openWorld()
    const giver = makeTempFolder()
    writeModel(giver, 'tiny', 2 * megabyte)
    await world.startMac('giver', { folder: giver })
    const takers = [await world.startMac('taker1'), await world.startMac('taker2')]
    await Promise.all(takers.map(taker => world.load(taker, 'tiny')))
    for (const taker of takers) {
      await world.until(taker, 'tiny', isReady)
      expect(filesOf(taker.models, 'tiny')).toEqual(filesOf(giver, 'tiny'))
    }
  })
})

describe('a copy that is cut off', () => {
  test('goes on with another Mac at the byte where it was when the giver dies', async () => {
    const world = await openWorld()
    const [one, two] = [makeTempFolder(), makeTempFolder()]
    for (const folder of [one, two]) writeModel(folder, 'tiny', 4 * megabyte)
    const giver = await world.startMac('giver1', { folder: one })
    await world.startMac('giver2', { folder: two })
    const taker = await world.startMac('taker')
    const first = watchReads(world, 'giver1', ({ offset }) => {
      if (offset >= 2 * megabyte) void giver.bus.close()
    })
    const second = watchReads(world, 'giver2')
    await world.load(taker, 'tiny')
    await world.until(taker, 'tiny', isReady)
    expect(filesOf(taker.models, 'tiny')).toEqual(filesOf(two, 'tiny'))
    expect(second[0]).toBeGreaterThan(megabyte)
    expect(first).toContain(second[0])
  })

  test('waits for the only Mac that has it, and goes on when that is back', async () => {
    const world = await openWorld()
    const folder = makeTempFolder()
    writeModel(folder, 'tiny', 4 * megabyte)
    const giver = await world.startMac('giver', { folder })
    const taker = await world.startMac('taker')
    let gone: Promise<void> | null = null
    const reads = watchReads(world, 'giver', ({ offset }) => {
      if (offset >= 2 * megabyte) gone ??= giver.stop()
    })
    await world.load(taker, 'tiny')
    await expect.poll(() => gone).not.toBe(null)
    await gone
    await world.startMac('giver', { folder })
    await world.until(taker, 'tiny', isReady)
    expect(filesOf(taker.models, 'tiny')).toEqual(filesOf(folder, 'tiny'))
    expect(reads.filter(offset => offset === 0)).toHaveLength(1)
  })

  test('is shown after a restart, and goes on when it is asked for again', async () => {
    const world = await openWorld()
    const folder = makeTempFolder()
    writeModel(folder, 'tiny', 24 * megabyte)
    await world.startMac('giver', { folder })
    const taker = await world.startMac('taker')
    let stopping: Promise<void> | null = null
    const reads = watchReads(world, 'giver', ({ offset }) => {
      if (offset >= 20 * megabyte) stopping ??= taker.stop()
    })
    await world.load(taker, 'tiny')
    await expect.poll(() => stopping, { timeout: 10_000 }).not.toBe(null)
    await stopping
    const lastAsked = reads.at(-1) ?? 0

    const again = await world.startMac('taker', { folder: taker.models })
    const left = await world.until(again, 'tiny', isAbsent)
    expect(left?.reason).toBe('Its copy was cut off; load it to go on.')
    expect(left?.copied?.bytes).toBeGreaterThan(19 * megabyte)
    reads.length = 0
    await world.load(again, 'tiny')
    await world.until(again, 'tiny', isReady)
    expect(reads[0]).toBeGreaterThan(3 * megabyte)
    expect(reads[0]).toBeLessThan(lastAsked)
    expect(filesOf(again.models, 'tiny')).toEqual(filesOf(folder, 'tiny'))
  })

  test('begins anew when the model has been replaced meanwhile', async () => {
    const world = await openWorld()
    const folder = makeTempFolder()
    writeModel(folder, 'tiny', 20 * megabyte)
    const giver = await world.startMac('giver', { folder })
    const taker = await world.startMac('taker')
    let stopping: Promise<unknown> | null = null
    const reads = watchReads(world, 'giver', ({ offset }) => {
      if (offset >= 18 * megabyte) stopping ??= Promise.all([taker.stop(), giver.stop()])
    })
    await world.load(taker, 'tiny')
    await expect.poll(() => stopping, { timeout: 10_000 }).not.toBe(null)
    await stopping
    writeModel(folder, 'tiny', 20 * megabyte, 2)
    await world.startMac('giver', { folder })
    const again = await world.startMac('taker', { folder: taker.models })
    reads.length = 0
    await world.load(again, 'tiny')
    await world.until(again, 'tiny', isReady)
    expect(reads[0]).toBe(0)
    expect(filesOf(again.models, 'tiny')).toEqual(filesOf(folder, 'tiny'))
  })

  test('is given up by unload, and leaves nothing', async () => {
    const world = await openWorld()
    const folder = makeTempFolder()
    writeModel(folder, 'tiny', 4 * megabyte)
    const giver = await world.startMac('giver', { folder })
    const taker = await world.startMac('taker')
    watchReads(world, 'giver', ({ offset }) => {
      if (offset >= megabyte) void giver.bus.close()
    })
    await world.load(taker, 'tiny')
    await world.until(taker, 'tiny', status => (status?.copied?.bytes ?? 0) > 0)
    expect((await world.unload(taker, 'tiny')).state).toBe('absent')
    await world.until(taker, 'tiny', status => status === null)
    expect(readdirSync(join(taker.models, '.partial'))).toEqual([])
    await expect(world.unload(taker, 'tiny')).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
  })
})

describe('a copy that cannot be', () => {
  test('is refused with words where the configuration does not allow it', async () => {
    const world = await openWorld()
    const folder = makeTempFolder()
    writeModel(folder, 'tiny', megabyte)
    await world.startMac('giver', { folder })
    const taker = await world.startMac('taker', { maxBytes: null })
    await expect(world.load(taker, 'tiny')).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      message: expect.stringContaining('models.cache_coordination'),
    })
  })

  test('is refused when no Mac has the model, or gives it', async () => {
    const world = await openWorld()
    const folder = makeTempFolder()
    writeModel(folder, 'tiny', megabyte)
    await world.startMac('giver', { folder, maxBytes: null })
    const taker = await world.startMac('taker')
    await expect(world.load(taker, 'other')).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
    await expect(world.load(taker, 'tiny')).rejects.toMatchObject({
      code: 'NO_WORKER',
      message: expect.stringMatching(/^No Mac that has tiny gives it to this one: /),
    })
  })

  test('is refused when copies would take more than they may', async () => {
    const world = await openWorld()
    const folder = makeTempFolder()
    writeModel(folder, 'one', 2 * megabyte)
    writeModel(folder, 'two', 2 * megabyte)
    await world.startMac('giver', { folder })
    const own = makeTempFolder()
    writeModel(own, 'mine', 5 * megabyte)
    const taker = await world.startMac('taker', { folder: own, maxBytes: 3 * megabyte })
    await world.load(taker, 'one')
    await world.until(taker, 'one', isReady)
    await expect(world.load(taker, 'two')).rejects.toMatchObject({
      code: 'MODEL_LOAD_FAILED',
      message: expect.stringContaining('max_cache_gb_per_worker'),
    })
    expect(world.status(taker, 'two')).toBe(null)
  })

  test('is refused when the disk has no room for it', async () => {
    const world = await openWorld()
    const folder = makeTempFolder()
    writeModel(folder, 'tiny', megabyte)
    await world.startMac('giver', { folder })
    const taker = await world.startMac('taker', { spareBytes: 2 ** 60 })
    await expect(world.load(taker, 'tiny')).rejects.toMatchObject({
      message: expect.stringMatching(/^tiny cannot be copied: .* are free on the disk of this Mac/),
    })
  })

  test('is refused where something else lies that is no model', async () => {
    const world = await openWorld()
    const folder = makeTempFolder()
    writeModel(folder, 'tiny', megabyte)
    await world.startMac('giver', { folder })
    const taker = await world.startMac('taker')
    mkdirSync(join(taker.models, 'tiny'))
    await expect(world.load(taker, 'tiny')).rejects.toMatchObject({
      message: expect.stringContaining('is there already and is no model'),
    })
  })

  test.skipIf(noSmallDisk)('ends with words, and gives the disk back, when that becomes full', async () => {
    const world = await openWorld()
    const folder = makeTempFolder()
    writeModel(folder, 'tiny', 900_000)
    await world.startMac('giver', { folder })
    const disk = makeSmallDisk()
    const taker = await world.startMac('taker', { folder: disk })
    watchReads(world, 'giver', ({ offset }) => {
      if (offset === 0) writeFileSync(join(disk, 'photos'), Buffer.alloc(500_000))
    })
    await world.load(taker, 'tiny')
    const failed = await world.until(taker, 'tiny', isAbsent)
    expect(failed?.reason).toMatch(/^The disk of this Mac became full while tiny was copied/)
    expect(readdirSync(join(disk, '.partial'))).toEqual([])
  })

  test('is thrown away when it is not what was offered', async () => {
    const world = await openWorld()
    const folder = makeTempFolder()
    writeModel(folder, 'tiny', megabyte)
    await world.startMac('giver', { folder })
    const taker = await world.startMac('taker')
    watchReads(world, 'giver', ({ offset }) => {
      if (offset === 0) writeModel(folder, 'tiny', megabyte, 2)
    })
    await world.load(taker, 'tiny')
    const failed = await world.until(taker, 'tiny', isAbsent)
    expect(failed?.reason).toMatch(/^The copy of tiny is not what was offered/)
    expect(existsSync(join(taker.models, 'tiny'))).toBe(false)
    expect(readdirSync(join(taker.models, '.partial'))).toEqual([])
  })
})

describe('nothing but the files of a model', () => {
  async function openGiver() {
    const world = await openWorld()
    const folder = makeTempFolder()
    writeModel(folder, 'tiny', megabyte)
    writeFileSync(join(folder, 'passwords'), 'hunter2')
    symlinkSync(join(folder, 'passwords'), join(folder, 'tiny', '.hidden'))
    mkdirSync(join(folder, 'tiny', 'more'))
    await world.startMac('giver', { folder })
    const fingerprint = world.view.holders('tiny')[0]?.model.fingerprint ?? ''
    const read = async (more: object) => {
      const request = { modelId: 'tiny', fingerprint, file: 'config.json', offset: 0, length: 5, ...more }
      const data = encodeJson(request)
      return openPart(await world.bus.request(subjects.modelRead('giver'), data, 200))
    }
    return { world, read }
  }

  test('is given', async () => {
    const { read } = await openGiver()
    expect(Buffer.from(await read({})).toString()).toBe('{"max')
    expect(await read({ file: '_missing' })).toBe('There is no file _missing in this model.')
    expect(await read({ file: 'more' })).toBe('There is no file more in this model.')
    expect(await read({ modelId: 'passwords' })).toBe('There is no model passwords on this Mac.')
    expect(await read({ modelId: '..' })).toBe('There is no model .. on this Mac.')
    expect(await read({ fingerprint: 'other' })).toMatch(/has been replaced/)
    expect(await read({ offset: 30 })).toMatch(/ends at 33 bytes here/)
  })

  test.each(['../passwords', '/etc/passwd', '.hidden', '.secret', '..', 'more/../config.json', 'a\0b', ''])(
    'is even opened: %j',
    async file => {
      const { read } = await openGiver()
      await expect(read({ file })).rejects.toMatchObject({ code: 'WORKER_LOST' })
    },
  )

  test('is given, and not to more than a Mac can serve', async () => {
    const { read } = await openGiver()
    const answers = await Promise.all(Array.from({ length: 300 }, () => read({})))
    const refused = answers.filter(answer => answer === 'Too many Macs copy from this one.')
    expect(refused).toHaveLength(300 - 258)
    expect(answers.filter(answer => answer instanceof Uint8Array)).toHaveLength(258)
    expect(await read({})).toBeInstanceOf(Uint8Array)
  })

  test('is given, and not in a piece that would hold up others', async () => {
    const { read } = await openGiver()
    await expect(read({ file: 'model.safetensors', length: partBytes + 1 })).rejects.toThrow()
  })

  test.each([
    ['a file outside', 'tiny', '../../evil'],
    ['a hidden file', 'tiny', '.bashrc'],
    ['a model outside', '../tiny', 'config.json'],
    ['a hidden model', '.partial', 'config.json'],
  ])('is taken: %s', async (_, modelId, name) => {
    const world = await openWorld()
    const taker = await world.startMac('taker')
    const offer = {
      modelId,
      fingerprint: 'f',
      sizeBytes: 5,
      contextTokens: 5,
      files: [{ name, sizeBytes: 5 }],
    }
    world.bus.subscribe(subjects.modelFiles('rogue'), message =>
      message.respond(encodeJson({ ok: true, offer })),
    )
    expect(modelFilesAnswer.safeParse({ ok: true, offer }).success).toBe(false)
    const command = encodeJson({ modelId, from: ['rogue'] })
    const answer = decodeJson(await world.bus.request(subjects.modelLoad('taker'), command, 2000))
    expect(answer).toMatchObject({
      ok: false,
      error: expect.stringContaining('offers what cannot be a model'),
    })
    expect(readdirSync(taker.models)).toEqual([])
  })
})
