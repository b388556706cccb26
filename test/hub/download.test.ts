import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeSmallDisk, makeTempFolder, noSmallDisk } from '../support/temp-folder.ts'
import { openWorld, writeModel } from '../worker/copy-world.ts'
import { type FakeHub, noise, repositoryOf, startFakeHub } from './fake-hub.ts'

const megabyte = 2 ** 20
const modelId = 'org/Tiny-1B-4bit'
const isReady = (status: { state: string } | null) => status?.state === 'ready'
const isAbsent = (status: { state: string } | null) => status?.state === 'absent'

async function openDownloads(weightBytes = 3 * megabyte) {
  const hub = await startFakeHub()
  hub.repositories.set(modelId, repositoryOf(weightBytes))
  const world = await openWorld()
  const startMac = (more: Parameters<typeof world.startMac>[1] = {}, workerId = 'mac') =>
    world.startMac(workerId, { download: downloadFrom(hub), ...more })
  return { hub, world, startMac }
}

function downloadFrom(hub: { readonly url: string }, token: string | null = null) {
  return { endpoint: hub.url, token, idleMs: 400, knowsModelType: async (type: string) => type === 'llama' }
}

/** Of the weights, in the order of asking: the first byte that was asked for where the file lies. */
function asksOf(hub: FakeHub, name = 'model.safetensors'): (number | null)[] {
  return hub.asked
    .filter(({ path }) => path.startsWith('/cdn') && path.endsWith(name))
    .map(ask => ask.fromByte)
}

function weightsOn(mac: { readonly models: string }): Buffer {
  return readFileSync(join(mac.models, modelId, 'model.safetensors'))
}

describe('a model of the hub', () => {
  test('is downloaded, loaded, and stays: its weights and what a tokenizer needs, nothing else', async () => {
    const { hub, world, startMac } = await openDownloads()
    const files = repositoryOf(3 * megabyte + 5, {
      'README.md': '# a model',
      'modeling.py': 'print("hello")',
      'model.gguf': 'GGUF',
      'pytorch_model.bin': 'pickle',
      'original/model.safetensors': 'the same again',
      '.gitattributes': '*',
      'chat_template.jinja': '{{ messages }}',
      'merges.txt': 'a b',
      'generation_config.json': '{}',
    })
    hub.repositories.set(modelId, files)
    const mac = await startMac()

    const begun = await world.load(mac, modelId)
    expect(begun).toMatchObject({ state: 'downloading', contextTokens: 4096, sizeBytes: 3 * megabyte + 5 })
    expect(begun.copied).toMatchObject({ from: 'hub' })
    const ready = await world.until(mac, modelId, isReady)
    expect(ready?.copied).toBeUndefined()
    const visible = readdirSync(join(mac.models, modelId)).filter(name => !name.startsWith('.'))
    const expected = ['chat_template.jinja', 'config.json', 'generation_config.json', 'merges.txt']
    expect(visible.sort()).toEqual([...expected, 'model.safetensors', 'tokenizer.json'])
    for (const name of visible) {
      expect(readFileSync(join(mac.models, modelId, name)).equals(files.get(name) ?? Buffer.alloc(0))).toBe(
        true,
      )
    }
    expect(readdirSync(join(mac.models, '.partial'))).toEqual([])
    await mac.stop()
    await world.until(await startMac({ folder: mac.models }), modelId, status => status?.state === 'unloaded')
  })

  test('is downloaded with the folders of its modules when it makes embeddings', async () => {
    const { hub, world, startMac } = await openDownloads()
    const modules = { 'modules.json': '[]', '1_Pooling/config.json': '{}', 'onnx/config.json': '{}' }
    hub.repositories.set(modelId, repositoryOf(megabyte, modules))
    const mac = await startMac()
    await world.load(mac, modelId)
    expect((await world.until(mac, modelId, isReady))?.kind).toBe('embedding')
    const folders = readdirSync(join(mac.models, modelId)).filter(name => !name.includes('.'))
    expect(folders).toEqual(['1_Pooling'])
    expect(readFileSync(join(mac.models, modelId, '1_Pooling', 'config.json'), 'utf8')).toBe('{}')
  })

  test('is downloaded once by a Mac that is asked twice, and says meanwhile how far it is', async () => {
    const { hub, world, startMac } = await openDownloads()
    hub.ways.pauseMs = 5
    const mac = await startMac()
    const [one, two] = await Promise.all([world.load(mac, modelId), world.load(mac, modelId)])
    expect([one.state, two.state]).toEqual(['downloading', 'downloading'])
    const half = await world.until(mac, modelId, status => (status?.copied?.bytes ?? 0) > megabyte)
    expect(half).toMatchObject({ state: 'downloading', copied: { ofBytes: 3 * megabyte + 58 } })
    expect((await world.load(mac, modelId)).state).toBe('downloading')
    await world.until(mac, modelId, isReady)
    expect(asksOf(hub)).toEqual([0])
  })

  test('comes from another Mac that has it, and from the hub when that does not give it', async () => {
    const { hub, world, startMac } = await openDownloads()
    const giver = makeTempFolder()
    writeModel(giver, modelId, megabyte)
    const other = await startMac({ folder: giver }, 'giver')
    const mac = await startMac({}, 'one')
    await world.load(mac, modelId)
    await world.until(mac, modelId, isReady)
    expect(weightsOn(mac).length).toBe(megabyte)
    expect(hub.asked).toEqual([])
    await other.stop()
    await mac.stop()

    const closed = await startMac({ folder: giver, maxBytes: null }, 'closed')
    const second = await startMac({}, 'two')
    await world.load(second, modelId)
    await world.until(second, modelId, isReady)
    expect(weightsOn(second).length).toBe(3 * megabyte)
    await closed.stop()
  })

  test('may be as large as the disk takes: the limit of copies is not for what the owner asked for', async () => {
    const { world, startMac } = await openDownloads()
    const mac = await startMac({ maxBytes: 1000 })
    await world.load(mac, modelId)
    await world.until(mac, modelId, isReady)
  })

  test('comes with several files at a time, and is given to other Macs then', async () => {
    const { hub, world, startMac } = await openDownloads()
    hub.repositories.get(modelId)?.delete('model.safetensors')
    const shards = [1, 2, 3, 4, 5].map(n => `model-0000${n}-of-00005.safetensors`)
    for (const [n, name] of shards.entries())
      hub.repositories.get(modelId)?.set(name, noise(megabyte + n, n + 1))
    const mac = await startMac({}, 'one')
    await world.load(mac, modelId)
    await world.until(mac, modelId, isReady)
    for (const name of shards) {
      const content = hub.repositories.get(modelId)?.get(name)
      expect(content && readFileSync(join(mac.models, modelId, name)).equals(content)).toBe(true)
    }
    const before = hub.asked.length
    const second = await startMac({}, 'two')
    await world.load(second, modelId)
    await world.until(second, modelId, isReady)
    expect(hub.asked.length).toBe(before)
  })
})

describe('a download that the network spoils', () => {
  test('goes on at the byte where the connection was cut', async () => {
    const { hub, world, startMac } = await openDownloads()
    hub.ways.mostBytes = megabyte
    const mac = await startMac()
    await world.load(mac, modelId)
    await world.until(mac, modelId, isReady)
    // Of what has arrived a little is lost with its connection, before it could be read.
    const parts = asksOf(hub).map(from => Math.round((from ?? 0) / megabyte))
    expect(parts.slice(0, 3)).toEqual([0, 1, 2])
    expect(weightsOn(mac).equals(noise(3 * megabyte))).toBe(true)
  })

  test('goes on when a connection brings nothing any more', async () => {
    const { hub, world, startMac } = await openDownloads()
    Object.assign(hub.ways, { mostBytes: 2 * megabyte, standsStill: true })
    const mac = await startMac()
    await world.load(mac, modelId)
    await world.until(mac, modelId, isReady)
    expect(asksOf(hub).map(from => Math.round((from ?? 0) / megabyte))).toEqual([0, 2])
  })

  test('keeps what is there where a server gives whole files only, and does not say how long they are', async () => {
    const { hub, world, startMac } = await openDownloads()
    Object.assign(hub.ways, { ranges: false, lengths: false, mostBytes: 2 * megabyte })
    const mac = await startMac()
    await world.load(mac, modelId)
    await expect.poll(() => asksOf(hub).length, { timeout: 5000 }).toBe(2)
    await world.until(mac, modelId, status => (status?.copied?.bytes ?? 0) > 1.8 * megabyte)
    hub.ways.mostBytes = Number.POSITIVE_INFINITY
    await world.until(mac, modelId, isReady)
    expect(weightsOn(mac).equals(noise(3 * megabyte))).toBe(true)
  })

  test('waits for a hub that is busy', async () => {
    const { hub, world, startMac } = await openDownloads()
    hub.ways.redirect = path => {
      hub.ways.refusal = { status: 503, headers: { 'retry-after': '0' } }
      return path
    }
    const mac = await startMac()
    await world.load(mac, modelId)
    await expect.poll(() => asksOf(hub).length).toBeGreaterThan(0)
    Object.assign(hub.ways, { refusal: null, redirect: (path: string) => path })
    await world.until(mac, modelId, isReady)
  })

  test('is shown after a restart, and goes on with the same state of the repository', async () => {
    const { hub, world, startMac } = await openDownloads(24 * megabyte)
    const mac = await startMac()
    Object.assign(hub.ways, { mostBytes: 20 * megabyte, standsStill: true })
    await world.load(mac, modelId)
    await world.until(mac, modelId, status => (status?.copied?.bytes ?? 0) > 19 * megabyte)
    await mac.stop()

    hub.ways.mostBytes = Number.POSITIVE_INFINITY
    const again = await startMac({ folder: mac.models })
    const left = await world.until(again, modelId, isAbsent)
    expect(left?.reason).toBe('Its download was cut off; load it to go on.')
    expect(left?.copied).toMatchObject({ from: 'hub', ofBytes: 24 * megabyte + 58 })
    expect(left?.copied?.bytes).toBeGreaterThan(18 * megabyte)
    hub.asked.length = 0
    await world.load(again, modelId)
    await world.until(again, modelId, isReady)
    expect(asksOf(hub)[0]).toBeGreaterThan(megabyte)
    expect(hub.asked.some(({ path }) => path.startsWith('/api/'))).toBe(false)
    expect(weightsOn(again).equals(noise(24 * megabyte))).toBe(true)
  })

  test('begins anew when the hub has the state of the repository no more that it was begun with', async () => {
    const { hub, world, startMac } = await openDownloads(20 * megabyte)
    const mac = await startMac()
    Object.assign(hub.ways, { mostBytes: 19 * megabyte, standsStill: true })
    await world.load(mac, modelId)
    await world.until(mac, modelId, status => (status?.copied?.bytes ?? 0) > 18 * megabyte)
    await mac.stop()
    hub.repositories.get(modelId)?.set('model.safetensors', noise(megabyte, 9))
    const again = await startMac({ folder: mac.models })
    await world.load(again, modelId)
    const failed = await world.until(again, modelId, status => /There is no model/.test(status?.reason ?? ''))
    expect(failed?.state).toBe('absent')
    await world.load(again, modelId)
    await world.until(again, modelId, isReady)
    expect(weightsOn(again).equals(noise(megabyte, 9))).toBe(true)
  })

  test('keeps what is there when the access token is not taken any more', async () => {
    const { hub, world, startMac } = await openDownloads(20 * megabyte)
    Object.assign(hub.ways, { mostBytes: 19 * megabyte })
    const mac = await startMac()
    hub.ways.onSent = (_, bytes) => {
      if (bytes === 19 * megabyte) hub.ways.refusal = { status: 401, headers: {} }
    }
    await world.load(mac, modelId)
    await world.until(mac, modelId, isAbsent)
    hub.ways.refusal = null
    hub.asked.length = 0
    await world.load(mac, modelId)
    await world.until(mac, modelId, isReady)
    expect(asksOf(hub)[0]).toBeGreaterThan(megabyte)
  })

  test('is answered for before a slow hub has answered', async () => {
    const { hub, world, startMac } = await openDownloads()
    hub.ways.listAfterMs = 3500
    const mac = await startMac({ download: { ...downloadFrom(hub), idleMs: 10_000 } })
    const begun = await world.load(mac, modelId)
    expect(begun).toMatchObject({ state: 'downloading', sizeBytes: 0 })
    expect(begun.copied).toBeUndefined()
    await world.until(mac, modelId, isReady)
  })
})

describe('a download that is not wanted any more', () => {
  test('is given up by unload, and leaves nothing', async () => {
    const { hub, world, startMac } = await openDownloads()
    Object.assign(hub.ways, { mostBytes: megabyte, standsStill: true })
    const mac = await startMac()
    await world.load(mac, modelId)
    await world.until(mac, modelId, status => (status?.copied?.bytes ?? 0) > 0.8 * megabyte)
    expect((await world.unload(mac, modelId)).state).toBe('absent')
    await world.until(mac, modelId, status => status === null)
    expect(readdirSync(join(mac.models, '.partial'))).toEqual([])
    await expect(world.unload(mac, modelId)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
  })

  test('is given up while the hub has not answered yet', async () => {
    const { hub, world, startMac } = await openDownloads()
    hub.ways.listAfterMs = 30_000
    const mac = await startMac({ download: { ...downloadFrom(hub), idleMs: 60_000 } })
    const begun = world.load(mac, modelId)
    await expect.poll(() => hub.asked.length).toBe(1)
    await world.unload(mac, modelId)
    await expect(begun).rejects.toMatchObject({ code: 'CANCELLED' })
    await world.until(mac, modelId, status => status === null)
  })
})

describe('what came from the hub and is wrong', () => {
  test('is refused when it is another content than was announced; only that file is fetched again', async () => {
    const { hub, world, startMac } = await openDownloads(megabyte)
    hub.repositories.get(modelId)?.set('model-2.safetensors', noise(megabyte, 2))
    hub.ways.corrupt.add('model-2.safetensors')
    const mac = await startMac()
    await world.load(mac, modelId)
    const failed = await world.until(mac, modelId, isAbsent)
    expect(failed?.reason).toMatch(/^model-2.safetensors of org\/Tiny-1B-4bit, .* does not have the content/)
    expect(existsSync(join(mac.models, modelId))).toBe(false)

    hub.ways.corrupt.clear()
    hub.asked.length = 0
    await world.load(mac, modelId)
    await world.until(mac, modelId, isReady)
    expect(asksOf(hub, 'model-2.safetensors')).toEqual([0])
    expect(asksOf(hub).every(from => from === 0)).toBe(true)
  })

  test('is refused when a small file is another one', async () => {
    const { hub, world, startMac } = await openDownloads(megabyte)
    hub.ways.corrupt.add('tokenizer.json')
    const mac = await startMac()
    await world.load(mac, modelId)
    const failed = await world.until(mac, modelId, isAbsent)
    expect(failed?.reason).toMatch(/^tokenizer.json of .* does not have the content/)
  })

  test.each([true, false])(
    'is refused when it is longer than was announced (lengths said: %s)',
    async lengths => {
      const { hub, world, startMac } = await openDownloads(megabyte)
      hub.ways.list = siblings =>
        siblings.map(one => ({
          ...one,
          ...('lfs' in one ? { lfs: { sha256: 'a'.repeat(64), size: 5000 } } : {}),
        }))
      Object.assign(hub.ways, { lengths, ranges: false })
      const mac = await startMac()
      await world.load(mac, modelId)
      const failed = await world.until(mac, modelId, isAbsent)
      expect(failed?.reason).toMatch(lengths ? /does not have the size/ : /is longer than was announced/)
      expect(existsSync(join(mac.models, modelId))).toBe(false)
    },
  )

  test.each([
    '../evil.json',
    'a/../../evil.json',
    '/etc/passwd',
    'model-..\\..\\evil.safetensors',
    'a\0b.json',
    'C:evil.json',
  ])('is refused when it would lie elsewhere: %j', async rfilename => {
    const { hub, world, startMac } = await openDownloads()
    hub.ways.list = siblings => [...siblings, { rfilename, size: 5, blobId: 'a'.repeat(40) }]
    const mac = await startMac()
    await expect(world.load(mac, modelId)).rejects.toMatchObject({
      code: 'MODEL_LOAD_FAILED',
      message: expect.stringContaining('names a file outside its folder'),
    })
    expect(readdirSync(mac.models)).toEqual([])
  })

  test('is refused when two files have one name on the disk of a Mac', async () => {
    const { hub, world, startMac } = await openDownloads()
    hub.ways.list = siblings => [...siblings, { rfilename: 'Config.json', size: 5, blobId: 'a'.repeat(40) }]
    const mac = await startMac()
    await expect(world.load(mac, modelId)).rejects.toMatchObject({ code: 'MODEL_LOAD_FAILED' })
  })

  test.each(['ftp://127.0.0.1/x', 'file:///etc/passwd', 'javascript:0'])(
    'is not fetched where a redirect leads elsewhere: %s',
    async location => {
      const { hub, world, startMac } = await openDownloads()
      hub.ways.redirect = () => location
      const mac = await startMac()
      await world.load(mac, modelId)
      const failed = await world.until(mac, modelId, isAbsent)
      expect(failed?.reason).toContain('it leads to an address that is not fetched from')
    },
  )

  test('is not fetched in circles', async () => {
    const { hub, world, startMac } = await openDownloads()
    hub.ways.redirect = path => path.replace('/cdn', '')
    const mac = await startMac()
    await world.load(mac, modelId)
    const failed = await world.until(mac, modelId, isAbsent)
    expect(failed?.reason).toContain('from one address to the next')
  })
})

describe('a download that cannot be', () => {
  async function refusalFrom(change: (hub: FakeHub) => void, more: object = {}, id = modelId) {
    const { hub, world, startMac } = await openDownloads()
    change(hub)
    const mac = await startMac(more)
    const error = await world.load(mac, id).catch((thrown: unknown) => thrown)
    expect(world.status(mac, id)).toBe(null)
    return { error, hub }
  }

  test('is refused for a gated model, with the page where its terms are', async () => {
    const refusal = { status: 403, headers: { 'x-error-code': 'GatedRepo' } }
    const { error, hub } = await refusalFrom(fake => Object.assign(fake.ways, { refusal }))
    expect(error).toMatchObject({
      code: 'MODEL_LOAD_FAILED',
      message: `org/Tiny-1B-4bit is gated: accept its terms at ${hub.url}/org/Tiny-1B-4bit, and start MLX Mesh with an access token of that account in HF_TOKEN.`,
    })
  })

  test('is refused without the login that the address of a mirror holds', async () => {
    const { hub, world, startMac } = await openDownloads()
    Object.assign(hub.ways, { refusal: { status: 403, headers: { 'x-error-code': 'GatedRepo' } } })
    for (const url of [hub.url.replace('://', '://me:secret@'), 'ftp://me:secret@hub.example']) {
      const mac = await startMac({ download: downloadFrom({ url }) }, `mac-${url.length}`)
      const error = await world.load(mac, modelId).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'MODEL_LOAD_FAILED', message: expect.stringMatching(/hub|gated/) })
      expect(String(error)).not.toContain('secret')
    }
  })

  test('is refused for a model that is not there', async () => {
    const { error } = await refusalFrom(hub => hub.repositories.clear())
    expect(error).toMatchObject({ code: 'MODEL_NOT_FOUND' })
    expect(error).toMatchObject({
      message: expect.stringMatching(/^There is no model org\/Tiny-1B-4bit at 127/),
    })
  })

  test('is refused while the hub cannot be reached', async () => {
    const download = downloadFrom({ url: 'http://127.0.0.1:1' })
    const { error } = await refusalFrom(() => {}, { download })
    expect(error).toMatchObject({ code: 'MODEL_LOAD_FAILED' })
    expect(error).toMatchObject({
      message: expect.stringMatching(/^127.0.0.1:1 cannot be reached .* Check that this Mac is online/),
    })
  })

  test('is refused where HF_ENDPOINT is no address', async () => {
    const { error } = await refusalFrom(() => {}, { download: downloadFrom({ url: 'hub.example' }) })
    expect(error).toMatchObject({ message: expect.stringContaining('HF_ENDPOINT is "hub.example"') })
  })

  test.each([
    [
      'has no weights for MLX',
      (hub: FakeHub) => hub.repositories.get(modelId)?.delete('model.safetensors'),
      /no weights that MLX reads/,
    ],
    [
      'has no config.json',
      (hub: FakeHub) => hub.repositories.get(modelId)?.delete('config.json'),
      /it is no model/,
    ],
    [
      'is of a kind that the runtime does not know',
      (hub: FakeHub) =>
        hub.repositories.get(modelId)?.set('config.json', Buffer.from('{"model_type":"bert"}')),
      /the kind "bert" are not known/,
    ],
  ])('is refused for a repository that %s', async (_, change, message) => {
    const { error, hub } = await refusalFrom(change)
    expect(error).toMatchObject({ code: 'MODEL_LOAD_FAILED', message: expect.stringMatching(message) })
    expect(asksOf(hub)).toEqual([])
  })

  test('is refused where the configuration does not allow it, and the hub hears nothing', async () => {
    const { error, hub } = await refusalFrom(() => {}, { download: null })
    expect(error).toMatchObject({
      code: 'MODEL_NOT_FOUND',
      message: expect.stringContaining('models.download'),
    })
    expect(hub.asked).toEqual([])
  })

  test.each(['Tiny-1B-4bit', 'a/b/c', '../x', 'org/..', 'org/a?b', 'org/'])(
    'is refused for what is no name of a model there: %s',
    async id => {
      const { error, hub } = await refusalFrom(() => {}, {}, id)
      expect(error).toMatchObject({ code: 'MODEL_NOT_FOUND' })
      expect(hub.asked).toEqual([])
    },
  )

  test('is refused when the memory of the Mac does not hold it', async () => {
    const { error, hub } = await refusalFrom(fake => {
      fake.ways.list = siblings =>
        siblings.map(one => ({
          ...one,
          ...('lfs' in one ? { lfs: { sha256: 'a'.repeat(64), size: 8e9 } } : {}),
        }))
    })
    expect(error).toMatchObject({
      code: 'INSUFFICIENT_MEMORY',
      message:
        'org/Tiny-1B-4bit needs about 8.9 GB of memory, and models may take 8.0 GB on this Mac (models.memory_budget_gb).',
    })
    expect(asksOf(hub)).toEqual([])
  })

  test('is refused when the disk has no room for it', async () => {
    const { error } = await refusalFrom(() => {}, { spareBytes: 2 ** 60 })
    expect(error).toMatchObject({ message: expect.stringContaining('are free on the disk of this Mac') })
  })

  test.skipIf(noSmallDisk)('ends with words, and gives the disk back, when that becomes full', async () => {
    const { hub, world, startMac } = await openDownloads(900_000)
    const disk = makeSmallDisk()
    const mac = await startMac({ folder: disk })
    hub.ways.pauseMs = 10
    hub.ways.onSent = (name, bytes) => {
      if (name === 'model.safetensors' && bytes < 100_000)
        writeFileSync(join(disk, 'photos'), Buffer.alloc(500_000))
    }
    await world.load(mac, modelId)
    const failed = await world.until(mac, modelId, isAbsent)
    expect(failed?.reason).toMatch(/^The disk of this Mac became full/)
    expect(readdirSync(join(disk, '.partial'))).toEqual([])
  })
})

test('an access token goes to the hub, and not to where the hub redirects', async () => {
  const { hub, world, startMac } = await openDownloads()
  const elsewhere = await startFakeHub()
  elsewhere.repositories.set(modelId, repositoryOf(3 * megabyte))
  hub.ways.redirect = path => elsewhere.url + path
  const mac = await startMac({ download: downloadFrom(hub, 'secret') })
  await world.load(mac, modelId)
  await world.until(mac, modelId, isReady)
  expect(hub.asked.every(({ authorization }) => authorization === 'Bearer secret')).toBe(true)
  expect(elsewhere.asked.map(({ authorization }) => authorization)).toEqual([undefined])
})
