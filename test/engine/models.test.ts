import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, assert, describe, expect, it } from 'vitest'
import { fixedCatalog } from '../../main/engine/catalog.ts'
import type { ModelFiles } from '../../main/engine/engine.ts'
import { createModels, type ModelLimits } from '../../main/engine/models.ts'
import { openPins } from '../../main/engine/pins.ts'
import { createScriptedEngine, type Script } from '../../main/engine/scripted-engine.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { recordLog } from '../fabric/record-log.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { modelFiles, textFrom } from '../support/models.ts'
import { makeTempFolder } from '../support/temp-folder.ts'

const gb = 2 ** 30
const never = new AbortController().signal
const settle = () => new Promise(resolve => setImmediate(resolve))

interface Setting {
  models?: readonly ModelFiles[]
  pinsFile?: string
  limits?: Partial<ModelLimits>
  script?: (modelId: string) => Partial<Script>
}

let close = async () => {}
afterEach(() => close())

/** A Mac with the models a, b and c of 1 GB, room for 10 GB and for two models. */
function openMac(setting: Setting = {}) {
  const clock = new ManualClock()
  const engine = createScriptedEngine(clock, setting.script ?? (() => ({})))
  const { log, lines } = recordLog()
  const abc = ['a', 'b', 'c'].map(id => modelFiles(id, { sizeBytes: gb }))
  const models = createModels({
    engine,
    catalog: fixedCatalog(setting.models ?? abc),
    clock,
    log,
    limits: { budgetBytes: 10 * gb, maxLoaded: 2, ...setting.limits },
    ...(setting.pinsFile ? { pins: openPins(setting.pinsFile, log) } : {}),
  })
  close = () => models.close()
  const states = () => Object.fromEntries(models.list().map(model => [model.modelId, model.state]))
  const status = (modelId: string) => models.list().find(model => model.modelId === modelId)
  /** Uses a model for an instant. */
  const touch = async (modelId: string) => (await models.use(modelId, never)).release()
  return { clock, engine, lines, models, states, status, touch }
}

describe('using a model', () => {
  it('loads it first', async () => {
    const { models, states, status } = openMac()
    expect(states()).toEqual({ a: 'unloaded', b: 'unloaded', c: 'unloaded' })
    const { model, release } = await models.use('a', never)
    expect(await textFrom(model, { prompt: 'hi', maxTokens: 2 })).not.toBe('')
    expect(status('a')).toMatchObject({ state: 'ready', activeRequests: 1, memoryBytes: gb })
    release()
    release()
    expect(status('a')).toMatchObject({ state: 'ready', activeRequests: 0 })
  })

  it('loads it once for all who wait', async () => {
    let loads = 0
    const { clock, models } = openMac({ script: () => ({ loadMs: 1000, answerTokens: ++loads }) })
    const all = Promise.all([models.use('a', never), models.use('a', never), models.use('a', never)])
    await settle()
    clock.advance(1000)
    expect(new Set((await all).map(lease => lease.model)).size).toBe(1)
    expect(loads).toBe(1)
  })

  it('tells each step of the way', async () => {
    const { models, touch } = openMac()
    const seen: string[] = []
    models.onChange(status => seen.push(status.state))
    await touch('a')
    models.unload('a')
    await settle()
    expect(seen).toEqual(['queued', 'loading', 'warming', 'ready', 'draining', 'unloaded'])
  })

  it('can be given up without disturbing others who wait', async () => {
    const { clock, models } = openMac({ script: () => ({ loadMs: 1000 }) })
    const abort = new AbortController()
    const left = models.use('a', abort.signal)
    const stays = models.use('a', never)
    abort.abort(new Error('the client went away'))
    await expect(left).rejects.toThrow('the client went away')
    clock.advance(1000)
    expect((await stays).model.contextTokens).toBe(2048)
  })

  it('is refused when there is no such model', async () => {
    const { models } = openMac()
    await expect(models.use('nope', never)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND', param: 'model' })
    expect(() => models.load('nope')).toThrow('There is no model nope')
    expect(() => models.unload('nope')).toThrow('There is no model nope')
  })

  it('is refused with the reason when its folder is damaged', async () => {
    const clock = new ManualClock()
    const broken = [{ modelId: 'bad', folder: '/bad', reason: 'It has no weights.' }]
    const catalog = { ...fixedCatalog([]), broken }
    const warnings: unknown[] = []
    const log = { ...silentLog, warn: (_: string, fields?: object) => warnings.push(fields) }
    const options = { clock, log, limits: { budgetBytes: gb, maxLoaded: 2 } }
    const models = createModels({ engine: createScriptedEngine(clock), catalog, ...options })
    const use = models.use('bad', never)
    await expect(use).rejects.toMatchObject({
      code: 'MODEL_LOAD_FAILED',
      message: expect.stringMatching(/It has no weights/),
    })
    expect(warnings).toEqual([{ folder: '/bad', reason: 'It has no weights.' }])
  })
})

describe('memory', () => {
  it('is made free by unloading the least recently used model', async () => {
    const { clock, touch, states } = openMac()
    for (const id of ['a', 'b', 'a', 'c']) {
      await touch(id)
      clock.advance(1000)
    }
    expect(states()).toEqual({ a: 'ready', b: 'unloaded', c: 'ready' })
  })

  it('is kept below 80 % of the budget', async () => {
    const { touch, states } = openMac({ limits: { budgetBytes: 2.5 * gb, maxLoaded: 9 } })
    await touch('a')
    await touch('b')
    expect(states()).toEqual({ a: 'unloaded', b: 'ready', c: 'unloaded' })
  })

  it('is waited for while all loaded models are in use', async () => {
    const { models, states } = openMac()
    const a = await models.use('a', never)
    await models.use('b', never)
    const c = models.use('c', never)
    await settle()
    expect(states()).toEqual({ a: 'ready', b: 'ready', c: 'queued' })
    a.release()
    await c
    expect(states()).toEqual({ a: 'unloaded', b: 'ready', c: 'ready' })
  })

  it('is taken from the least recently used model when others grow', async () => {
    const { clock, engine, states, touch } = openMac()
    await touch('a')
    clock.advance(1000)
    await touch('b')
    engine.running.get('b')?.grow(8 * gb)
    clock.advance(1000)
    await settle()
    expect(states()).toMatchObject({ a: 'unloaded', b: 'ready' })
  })

  it('is shared: each process may take what the others leave, as they grow and go', async () => {
    const { clock, engine, models, touch } = openMac()
    const limitOf = (modelId: string) => engine.running.get(modelId)?.memoryLimitBytes
    await touch('a')
    expect(limitOf('a')).toBe(10 * gb)
    await touch('b')
    expect([limitOf('a'), limitOf('b')]).toEqual([9 * gb, 9 * gb])
    engine.running.get('b')?.grow(3 * gb)
    clock.advance(1000)
    expect([limitOf('a'), limitOf('b')]).toEqual([7 * gb, 9 * gb])
    models.unload('b')
    await settle()
    expect(limitOf('a')).toBe(10 * gb)
  })

  it('costs no second model while the first one evicted is on its way out', async () => {
    const { models, states } = openMac()
    ;(await models.use('a', never)).release()
    const b = await models.use('b', never)
    const c = models.use('c', never)
    expect(states()).toEqual({ a: 'draining', b: 'ready', c: 'queued' })
    b.release()
    await c
    expect(states()).toEqual({ a: 'unloaded', b: 'ready', c: 'ready' })
  })

  it('is taken from an idle model at once while one that must go is still in use', async () => {
    const { models, states, touch } = openMac()
    await models.use('a', never)
    await touch('b')
    models.unload('a')
    await touch('c')
    expect(states()).toEqual({ a: 'draining', b: 'unloaded', c: 'ready' })
  })

  it('is not taken from a model that was just loaded by name while an older one is idle', async () => {
    const { clock, engine, models, states, touch } = openMac()
    await touch('a')
    clock.advance(1000)
    models.load('b')
    await settle()
    engine.running.get('b')?.grow(8 * gb)
    clock.advance(1000)
    await settle()
    expect(states()).toMatchObject({ a: 'unloaded', b: 'ready' })
  })

  it('is told to a process only where it has changed', async () => {
    const { clock, engine, touch } = openMac()
    await touch('a')
    const a = engine.running.get('a')
    assert(a)
    a.memoryLimitBytes = null
    clock.advance(5000)
    await touch('a')
    expect(a.memoryLimitBytes).toBe(null)
    await touch('b')
    expect(a.memoryLimitBytes).toBe(9 * gb)
  })

  it('says in the log for what a model had to go', async () => {
    const { clock, engine, lines, touch } = openMac()
    for (const id of ['a', 'b', 'c']) {
      await touch(id)
      clock.advance(1000)
    }
    engine.running.get('c')?.grow(8 * gb)
    clock.advance(1000)
    const evicted = lines.filter(line => line.message === 'model evicted')
    expect(evicted.map(line => line.fields)).toEqual([
      { modelId: 'a', why: 'to make room for another' },
      { modelId: 'b', why: 'the loaded models have grown' },
    ])
  })

  it('is not waited for longer than a minute', async () => {
    const { clock, models, status } = openMac({ limits: { maxLoaded: 1 } })
    await models.use('a', never)
    const refused = expect(models.use('b', never)).rejects.toMatchObject({
      code: 'INSUFFICIENT_MEMORY',
      message: expect.stringMatching(/no room for b within 60 s: a stayed busy/),
    })
    clock.advance(60_000)
    await refused
    expect(status('b')).toMatchObject({ state: 'failed' })
  })

  it('is refused at once to a model that can never fit', async () => {
    const { models } = openMac({ models: [modelFiles('huge', { sizeBytes: 100 * gb })] })
    await expect(models.use('huge', never)).rejects.toMatchObject({
      code: 'INSUFFICIENT_MEMORY',
      message: expect.stringMatching(/huge needs about 120.0 GB, and models may use 10.0 GB/),
    })
  })

  it('is not taken for a request that has gone meanwhile', async () => {
    const { models, states } = openMac({ limits: { maxLoaded: 1 } })
    const a = await models.use('a', never)
    const abort = new AbortController()
    const b = models.use('b', abort.signal)
    abort.abort(new Error('gone'))
    await expect(b).rejects.toThrow('gone')
    a.release()
    await settle()
    expect(states()).toEqual({ a: 'ready', b: 'unloaded', c: 'unloaded' })
  })
})

describe('unloading a model', () => {
  it('lets running requests end, and loads it afresh for new ones', async () => {
    const { engine, models, states } = openMac()
    const first = await models.use('a', never)
    const process = engine.running.get('a')
    expect(models.unload('a').state).toBe('draining')
    const next = models.use('a', never)
    await settle()
    expect(engine.running.get('a')).toBe(process)
    first.release()
    const second = await next
    expect(second.model).not.toBe(first.model)
    expect(states()).toMatchObject({ a: 'ready' })
  })

  it('calls off a load that is under way', async () => {
    const { models, states } = openMac({ script: () => ({ loadMs: 1000 }) })
    const use = models.use('a', never)
    expect(models.unload('a').state).toBe('draining')
    await expect(use).rejects.toMatchObject({ code: 'MODEL_NOT_LOADED' })
    await settle()
    expect(states()).toMatchObject({ a: 'unloaded' })
  })

  it('frees its place for another', async () => {
    const { models, engine } = openMac()
    models.load('a')
    await settle()
    models.unload('a')
    await settle()
    expect(engine.running.size).toBe(0)
  })
})

describe('a model that fails', () => {
  it('is loaded again at its next use after a crash', async () => {
    const { clock, engine, models, status } = openMac()
    const lease = await models.use('a', never)
    engine.running.get('a')?.crash()
    await settle()
    lease.release()
    expect(status('a')).toMatchObject({ state: 'failed', reason: 'The process of a was killed by SIGKILL.' })
    const again = models.use('a', never)
    clock.advance(500)
    expect((await again).model).not.toBe(lease.model)
    expect(status('a')).toMatchObject({ state: 'ready', reason: null, activeRequests: 1 })
  })

  it('is not handed out while its process is on the way out', async () => {
    const { clock, engine, models } = openMac()
    const lease = await models.use('a', never)
    engine.running.get('a')?.crash()
    const again = models.use('a', never)
    await settle()
    clock.advance(500)
    expect((await again).model).not.toBe(lease.model)
  })

  it('waits longer after each failure, and is left alone after three', async () => {
    const { clock, models, status } = openMac({ script: () => ({ failLoad: 'The weights are damaged.' }) })
    for (const backOffMs of [0, 500, 3000]) {
      const use = models.use('a', never)
      const failed = expect(use).rejects.toMatchObject({ code: 'MODEL_LOAD_FAILED' })
      if (backOffMs > 0) {
        clock.advance(backOffMs - 1)
        await settle()
        expect(status('a')?.state).toBe('queued')
        clock.advance(1)
      }
      await failed
    }
    expect(status('a')?.reason).toMatch(/damaged.*left alone until it is loaded by name/)
    await expect(models.use('a', never)).rejects.toMatchObject({
      code: 'MODEL_LOAD_FAILED',
      message: expect.stringMatching(/left alone/),
    })
  })

  it('gets another chance when it is loaded by name', async () => {
    let failLoad: string | null = 'The weights are damaged.'
    const { clock, engine, models, states, touch } = openMac({ script: () => ({ failLoad }) })
    for (let i = 0; i < 3; i++) {
      const use = touch('a').catch(() => {})
      clock.advance(3000)
      await use
    }
    failLoad = null
    expect(models.load('a').state).toBe('warming')
    await settle()
    expect(states()).toMatchObject({ a: 'ready' })
    engine.running.get('a')?.crash()
    await settle()
    const again = touch('a')
    clock.advance(500)
    await again
  })

  it('is given up when it loads for longer than any disk needs', async () => {
    const { clock, engine, models, status } = openMac({
      script: () => ({ loadMs: Number.POSITIVE_INFINITY }),
    })
    const failed = expect(models.use('a', never)).rejects.toMatchObject({
      code: 'MODEL_LOAD_FAILED',
      message: 'a was not loaded within 142 s and was given up.',
    })
    clock.advance(141_000)
    await settle()
    expect(status('a')).toMatchObject({ state: 'loading' })
    clock.advance(1000)
    await failed
    expect(status('a')).toMatchObject({ state: 'failed', reason: expect.stringMatching(/within 142 s/) })
    expect(engine.running.size).toBe(0)
    const again = models.use('a', never)
    expect(status('a')).toMatchObject({ state: 'queued' })
    models.unload('a')
    await expect(again).rejects.toMatchObject({ code: 'MODEL_NOT_LOADED' })
  })

  it('is not given up for the time that the Mac slept while it loaded', async () => {
    const { clock, models, status } = openMac({ script: () => ({ loadMs: 10 * 3600_000 }) })
    const use = models.use('a', never)
    clock.advance(20_000)
    clock.sleep(9 * 3600_000)
    clock.advance(100_000)
    await settle()
    expect(status('a')).toMatchObject({ state: 'loading', reason: null })
    clock.sleep(3600_000)
    await use
  })

  it('is forgiven failures that are older than ten minutes', async () => {
    const { clock, engine, touch } = openMac()
    for (let i = 0; i < 5; i++) {
      await touch('a')
      engine.running.get('a')?.crash()
      await settle()
      clock.advance(5 * 60_000)
    }
    await touch('a')
  })

  it('does not keep others from the memory that it asked for', async () => {
    const script = (id: string) => (id === 'a' ? { failLoad: 'damaged' } : {})
    const { models, touch } = openMac({ limits: { maxLoaded: 1 }, script })
    const a = models.use('a', never)
    const b = touch('b')
    await expect(a).rejects.toThrow('damaged')
    await b
  })
})

describe('model folders', () => {
  it('are looked at again, so that models come and go while the Mac runs', async () => {
    const found = new Map([['old', modelFiles('old')]])
    let onDisk = found
    const catalog = {
      models: found,
      broken: [],
      rescan: async () => {
        catalog.models = onDisk
      },
    }
    const clock = new ManualClock()
    const limits = { budgetBytes: 10 * gb, maxLoaded: 2 }
    const models = createModels({
      engine: createScriptedEngine(clock),
      catalog,
      clock,
      log: silentLog,
      limits,
    })
    const seen: string[] = []
    models.onChange(({ modelId, state }) => seen.push(`${modelId} ${state}`))
    onDisk = new Map([['new', modelFiles('new')]])
    clock.advance(5000)
    await settle()
    expect(seen).toEqual(['new unloaded', 'old absent'])
    onDisk = new Map([['newer', modelFiles('newer')]])
    ;(await models.use('newer', never)).release()
    await models.close()
  })
})

describe('closing', () => {
  it('ends every process, and tells whoever waits or comes later', async () => {
    const { engine, models } = openMac({ limits: { maxLoaded: 1 } })
    await models.use('a', never)
    const waiting = models.use('b', never)
    const refused = expect(waiting).rejects.toMatchObject({ code: 'SHUTTING_DOWN' })
    await models.close()
    await refused
    expect(engine.running.size).toBe(0)
    await expect(models.use('a', never)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' })
    expect(() => models.load('a')).toThrow('shutting down')
  })
})

describe('a pinned model', () => {
  const newFile = () => join(makeTempFolder(), 'pinned.json')

  it('stays while others make room, and is shown as pinned', async () => {
    const { models, states, status, touch } = openMac({ pinsFile: newFile() })
    await touch('a')
    expect(status('a')).not.toHaveProperty('pinned')
    expect(models.pin('a', true)).toMatchObject({ modelId: 'a', state: 'ready', pinned: true })
    await touch('b')
    await touch('c')
    expect(states()).toMatchObject({ a: 'ready', b: 'unloaded', c: 'ready' })
  })

  it('is loaded when its Mac starts', async () => {
    const pinsFile = newFile()
    const before = openMac({ pinsFile })
    before.models.pin('b', true)
    expect(before.states()).toMatchObject({ b: 'unloaded' })
    await close()
    const after = openMac({ pinsFile })
    await settle()
    expect(after.states()).toEqual({ a: 'unloaded', b: 'ready', c: 'unloaded' })
  })

  it('is named to whoever asks for another where all room is pinned', async () => {
    const { models, states, touch } = openMac({ pinsFile: newFile() })
    for (const modelId of ['a', 'b']) {
      await touch(modelId)
      models.pin(modelId, true)
    }
    await expect(models.use('c', never)).rejects.toMatchObject({
      code: 'INSUFFICIENT_MEMORY',
      message: expect.stringContaining('a, b are pinned and stay in memory. Unpin or unload one'),
    })
    models.pin('a', false)
    await touch('c')
    expect(states()).toMatchObject({ a: 'unloaded', b: 'ready', c: 'ready' })
  })

  it('lets whoever waits go on when it is unpinned', async () => {
    const { models, touch } = openMac({ pinsFile: newFile() })
    await touch('a')
    models.pin('a', true)
    const inUse = await models.use('b', never)
    const waiting = models.use('c', never)
    await settle()
    models.pin('a', false)
    ;(await waiting).release()
    inUse.release()
  })

  it('must be on the disk, and a file that is no list pins nothing', () => {
    const pinsFile = newFile()
    writeFileSync(pinsFile, '[')
    const { models, lines, states } = openMac({ pinsFile })
    expect(() => models.pin('x', true)).toThrow('There is no model x on this Mac.')
    expect(states()).toMatchObject({ a: 'unloaded' })
    expect(JSON.stringify(lines)).toContain('which models are pinned could not be read')
  })
})
