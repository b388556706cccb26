import { mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { EngineEvent } from '../../main/engine/engine.ts'
import { createMlxEngine } from '../../main/engine/mlx-engine.ts'
import { MlxModel } from '../../main/engine/mlx-model.ts'
import { realClock } from '../../main/protocol/clock.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { eventsOf, modelFiles, textOf } from '../support/models.ts'
import { hasEnded, isAlive } from '../support/processes.ts'
import { pythonBinary, pythonFolder, tinyModelFolder } from '../support/runtime.ts'

const options = { pythonBinary, pythonFolder, clock: realClock, log: silentLog }
const tiny = modelFiles('tiny', { folder: tinyModelFolder })
const greedy = { prompt: 'Once upon a time', temperature: 0 }

async function load(files = tiny): Promise<MlxModel> {
  const model = new MlxModel(files, options, () => {})
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

  it('streams its answer and says how it ended', async () => {
    const events = await eventsOf(model, { ...greedy, maxTokens: 5 })
    expect(events[0]).toMatchObject({ type: 'started', cachedTokens: 0 })
    expect(events.at(-1)).toEqual({ type: 'done', finishReason: 'length', completionTokens: 5 })
    const ids = events.flatMap(event => (event.type === 'tokens' ? event.ids : []))
    expect(ids).toHaveLength(5)
  })

  it('serves many requests at once and mixes none up', async () => {
    const prompts = Array.from({ length: 12 }, (_, i) => `Number ${i} is`)
    const ask = async (prompt: string) =>
      textOf(await eventsOf(model, { prompt, temperature: 0, maxTokens: 20 }))
    const together = await Promise.all(prompts.map(ask))
    for (const [i, prompt] of prompts.entries()) expect(await ask(prompt)).toBe(together[i])
  })

  it('tells log probabilities and the prompt when asked to', async () => {
    const events = await eventsOf(model, { ...greedy, maxTokens: 1, logprobs: 2, echo: true })
    expect(events[1]).toMatchObject({ type: 'echo', text: greedy.prompt })
    const tokens = events.find(event => event.type === 'tokens')
    expect(tokens?.logprobs?.[0]?.[3]).toHaveLength(2)
  })

  it('frees the place of a request that is left early', async () => {
    for await (const event of model.generate(greedy)) if (event.type === 'tokens') break
    await expect.poll(() => model.stats.active, { timeout: 5000 }).toBe(0)
  })

  it('refuses a bad request in the words of the endpoint, and goes on', async () => {
    const bad = eventsOf(model, { ...greedy, topP: 7 })
    await expect(bad).rejects.toMatchObject({ code: 'INVALID_REQUEST', param: 'top_p' })
    expect(await eventsOf(model, { ...greedy, maxTokens: 1 })).not.toHaveLength(0)
  })

  it('refuses a prompt that its context does not hold', async () => {
    const tokens = Array.from({ length: model.contextTokens }, () => 1)
    await expect(eventsOf(model, { prompt: tokens })).rejects.toMatchObject({
      code: 'CONTEXT_LENGTH_EXCEEDED',
    })
  })
})

describe('a model process that fails', () => {
  let model: MlxModel
  afterEach(() => model.close(0))

  /** Starts an endless answer and says how it ends once it is under way. */
  async function midStream(): Promise<{ end: Promise<unknown> }> {
    model = await load()
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

  it('is noticed within 6 s when it is frozen, and ended', async () => {
    const { end } = await midStream()
    const frozenAtMs = Date.now()
    process.kill(model.pid, 'SIGSTOP')
    expect(await end).toMatchObject({
      code: 'ENGINE_FAILED',
      message: 'The process of tiny did not answer for 4 s.',
    })
    expect(Date.now() - frozenAtMs).toBeLessThan(6000)
    expect(await model.exited).toBe('did not answer for 4 s')
    expect(isAlive(model.pid)).toBe(false)
  })

  it('ends what runs when it is closed, and leaves nothing behind', async () => {
    const { end } = await midStream()
    await model.close(5000)
    expect(await end).toMatchObject({ code: 'SHUTTING_DOWN' })
    expect(await model.exited).toBe(null)
    expect(await hasEnded(model.pid, 0)).toBe(true)
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

  it('can be given up', async () => {
    const abort = new AbortController()
    const loading = engine.load(tiny, () => abort.abort(new Error('not wanted')), abort.signal)
    await expect(loading).rejects.toThrow('not wanted')
  })
})
