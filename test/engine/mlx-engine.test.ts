import { spawn } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fixedCatalog } from '../../main/engine/catalog.ts'
import type { EngineEvent } from '../../main/engine/engine.ts'
import { createMlxEngine, type MlxEngineOptions } from '../../main/engine/mlx-engine.ts'
import { MlxModel } from '../../main/engine/mlx-model.ts'
import { createModels, type ModelLease } from '../../main/engine/models.ts'
import { readLines } from '../../main/process/lines.ts'
import { realClock } from '../../main/protocol/clock.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { recordLog } from '../fabric/record-log.ts'
import { eventsOf, modelFiles, textFrom } from '../support/models.ts'
import { hasEnded, isAlive } from '../support/processes.ts'
import { pythonBinary, pythonFolder, starterModelFolder, tinyModelFolder } from '../support/runtime.ts'
import { makeTempFolder } from '../support/temp-folder.ts'

const options = { pythonBinary, pythonFolder, clock: realClock, log: silentLog }
const tiny = modelFiles('tiny', { folder: tinyModelFolder })
const greedy = { prompt: 'Once upon a time', temperature: 0 }

async function load(changes: Partial<MlxEngineOptions> = {}): Promise<MlxModel> {
  const model = new MlxModel(tiny, { ...options, ...changes }, () => {})
  await model.ready
  return model
}

const never = new AbortController().signal

describe('a model in a Python process', () => {
  let model: MlxModel
  beforeAll(async () => {
    model = await load()
  })
  afterAll(() => model.close(5000))

  it('refuses a bad request in the words of the endpoint, and goes on', async () => {
    const bad = eventsOf(model, { ...greedy, topP: 7 })
    await expect(bad).rejects.toMatchObject({ code: 'INVALID_REQUEST', param: 'top_p' })
    expect(await eventsOf(model, { ...greedy, maxTokens: 1 })).not.toHaveLength(0)
  })

  it('gives up a prompt when it may take less memory than it holds, until it may take more', async () => {
    model.limitMemory(1)
    await expect(eventsOf(model, greedy)).rejects.toMatchObject({
      code: 'INSUFFICIENT_MEMORY',
      message: expect.stringMatching(/not enough memory/),
    })
    model.limitMemory(2 ** 33)
    expect(await eventsOf(model, { ...greedy, maxTokens: 1 })).not.toHaveLength(0)
  })
})

describe('the starter model', () => {
  it('answers a question sensibly', async () => {
    const starter = modelFiles('starter', { folder: starterModelFolder })
    const model = await createMlxEngine(options).load(starter, () => {}, never)
    const messages = [{ role: 'user', content: 'What is the capital of France?' }]
    expect(await textFrom(model, { messages, temperature: 0, maxTokens: 12 })).toContain('Paris')
    await model.close(5000)
  }, 120_000)
})

describe('a model process that fails', () => {
  let model: MlxModel
  afterEach(() => model.close(0))

  /** Starts an endless answer and says how it ends once it is under way. */
  async function midStream(changes: Partial<MlxEngineOptions> = {}): Promise<{ end: Promise<unknown> }> {
    model = await load(changes)
    const underWay = Promise.withResolvers<void>()
    const consume = async () => {
      const events: EngineEvent[] = []
      for await (const event of model.generate(greedy)) {
        events.push(event)
        if (event.type === 'tokens') underWay.resolve()
      }
      return events
    }
    const end = consume().catch(error => error)
    await underWay.promise
    return { end }
  }

  it('fails its streams at once when it is killed', async () => {
    const { end } = await midStream()
    process.kill(model.pid, 'SIGKILL')
    expect(await end).toMatchObject({
      code: 'ENGINE_FAILED',
      message: 'The process of tiny was killed by SIGKILL.',
    })
    expect(await model.exited).toBe('was killed by SIGKILL')
    await expect(eventsOf(model, greedy)).rejects.toMatchObject({ code: 'ENGINE_FAILED' })
  })

  it('is noticed when it is frozen, and ended', async () => {
    const { end } = await midStream()
    process.kill(model.pid, 'SIGSTOP')
    expect(await end).toMatchObject({
      code: 'ENGINE_FAILED',
      message: 'The process of tiny did not answer for 4 s.',
    })
    expect(await model.exited).toBe('did not answer for 4 s')
    expect(isAlive(model.pid)).toBe(false)
  })

  it('fails the streams of a step that throws, and serves the next ones', async () => {
    const throwing = fileURLToPath(new URL('../fixtures/throwing-runtime', import.meta.url))
    const { end } = await midStream({ pythonFolder: throwing })
    expect(await end).toMatchObject({
      code: 'ENGINE_FAILED',
      message: expect.stringMatching(/failed in a step/),
    })
    const events = await eventsOf(model, { ...greedy, maxTokens: 5 })
    expect(events.at(-1)).toMatchObject({ type: 'done', completionTokens: 5 })
  })
})

describe('the death of the owner by SIGKILL', () => {
  it('ends the model process', async () => {
    const owner = spawn(process.execPath, ['test/fixtures/model-owner.ts'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const pid = await new Promise<number>(resolve => readLines(owner.stdout, line => resolve(Number(line))))
    expect(isAlive(pid)).toBe(true)
    owner.kill('SIGKILL')
    expect(await hasEnded(pid, 5000)).toBe(true)
  })
})

describe('models that are loaded on demand', () => {
  const openMac = () => {
    const catalog = fixedCatalog([tiny])
    const limits = { budgetBytes: 2 ** 33, maxLoaded: 2 }
    return createModels({
      engine: createMlxEngine(options),
      catalog,
      clock: realClock,
      log: silentLog,
      limits,
    })
  }
  const pidOf = (lease: ModelLease) => (lease.model instanceof MlxModel ? lease.model.pid : 0)

  it('give their memory back when they are unloaded: the process ends', async () => {
    const models = openMac()
    const lease = await models.use('tiny', never)
    await expect.poll(() => models.list()[0]?.memoryBytes).toBeGreaterThan(50_000_000)
    lease.release()
    models.unload('tiny')
    expect(await hasEnded(pidOf(lease), 5000)).toBe(true)
    await expect.poll(() => models.list()[0]).toMatchObject({ state: 'unloaded', memoryBytes: 0 })
    await models.close()
  })

  it('are there again after their process was killed', async () => {
    const models = openMac()
    const lease = await models.use('tiny', never)
    process.kill(pidOf(lease), 'SIGKILL')
    await lease.model.exited
    lease.release()
    const again = await models.use('tiny', never)
    expect(await eventsOf(again.model, { ...greedy, maxTokens: 2 })).not.toHaveLength(0)
    again.release()
    await models.close()
    expect(await hasEnded(pidOf(again), 0)).toBe(true)
  })
})

describe('loading', () => {
  const engine = createMlxEngine(options)

  it('says what it is doing', async () => {
    const phases: string[] = []
    const model = await engine.load(tiny, phase => phases.push(phase), never)
    expect(phases).toEqual(['loading', 'loading', 'warming'])
    await model.close(5000)
  })

  it('fails with a reason when the folder holds no model', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'garbage '))
    writeFileSync(join(folder, 'config.json'), '{"model_type": "llama"}')
    writeFileSync(join(folder, 'model.safetensors'), 'not at all')
    const loading = engine.load(modelFiles('garbage', { folder }), () => {}, never)
    await expect(loading).rejects.toMatchObject({
      code: 'MODEL_LOAD_FAILED',
      message: expect.stringMatching(/^garbage cannot be loaded: .{10}/),
    })
    await rm(folder, { recursive: true })
  })

  it.each([
    { title: 'Python is missing', changes: { pythonBinary: '/no/python' }, why: '/no/python was not found' },
    {
      title: 'the runtime is missing',
      changes: { pythonFolder: tmpdir() },
      why: 'exited with code 1: .*No module named',
    },
  ])('fails with a reason when $title', async ({ changes, why }) => {
    const loading = createMlxEngine({ ...options, ...changes }).load(tiny, () => {}, never)
    await expect(loading).rejects.toMatchObject({
      code: 'MODEL_LOAD_FAILED',
      message: expect.stringMatching(why),
    })
  })

  it('keeps what an unreadable frame says out of the log', async () => {
    const folder = makeTempFolder()
    const garbled = join(folder, 'python')
    const said = '{"ev":"step","n":1,"t":[[1,"my secret plan'
    writeFileSync(garbled, `#!/bin/sh\nprintf '%s\\n' '${said}' 'my secret plan'\n`, { mode: 0o700 })
    const { log, lines } = recordLog()
    const loading = createMlxEngine({ ...options, pythonBinary: garbled, log }).load(tiny, () => {}, never)
    await expect(loading).rejects.toMatchObject({ code: 'MODEL_LOAD_FAILED' })
    const unreadable = lines.filter(line => line.message === 'unreadable frame of a model process')
    expect(unreadable.map(line => line.fields)).toMatchObject([
      { chars: said.length, fault: `it goes wrong at line 1, column ${said.length + 1}` },
      { chars: 14, fault: 'a value is malformed' },
    ])
    expect(JSON.stringify(lines)).not.toMatch(/secret|plan/)
  })

  it('can be given up', async () => {
    const abort = new AbortController()
    const loading = engine.load(tiny, () => abort.abort(new Error('not wanted')), abort.signal)
    await expect(loading).rejects.toThrow('not wanted')
  })
})
