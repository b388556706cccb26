import { describe, expect, it } from 'vitest'
import type { EngineEvent, EngineModel, GenerateRequest } from '../../main/engine/engine.ts'
import { createScriptedEngine, type Script } from '../../main/engine/scripted-engine.ts'
import type { ScriptedModel } from '../../main/engine/scripted-model.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { eventsOf, modelFiles, textFrom } from '../support/models.ts'

const greedy = { prompt: 'tell me a story', temperature: 0 }

async function load(script: Partial<Script> = {}, clock = new ManualClock()): Promise<ScriptedModel> {
  const engine = createScriptedEngine(clock, () => script)
  await engine.load(modelFiles('m', { contextTokens: 100 }), () => {}, new AbortController().signal)
  const model = engine.running.get('m')
  if (!model) throw new Error('not running')
  return model
}

/** Collects what arrives, without waiting for the end. */
function follow(
  model: EngineModel,
  request: GenerateRequest,
): { events: EngineEvent[]; end: Promise<unknown> } {
  const events: EngineEvent[] = []
  const run = async () => {
    for await (const event of model.generate(request)) events.push(event)
  }
  return { events, end: run().catch(error => error) }
}

const settle = () => new Promise(resolve => setImmediate(resolve))

describe('a scripted model', () => {
  it('ends by itself when nothing limits its answer', async () => {
    const events = await eventsOf(await load({ answerTokens: 5 }), greedy)
    expect(events.at(-1)).toEqual({ type: 'done', finishReason: 'stop', completionTokens: 5 })
  })

  it('goes on where an answer was cut off', async () => {
    const model = await load()
    const whole = await textFrom(model, { ...greedy, maxTokens: 10 })
    const begun = await textFrom(model, { ...greedy, maxTokens: 4 })
    const rest = await textFrom(model, { prompt: `${greedy.prompt} ${begun}`, temperature: 0, maxTokens: 6 })
    expect(begun + rest).toBe(whole)
  })
})

describe('a scripted model that serves two streams at once', () => {
  it('lets the others wait for their turn', async () => {
    const clock = new ManualClock()
    const model = await load({ tokensPerSecond: 10, answerTokens: 5, atOnce: 2 }, clock)
    const streams = [follow(model, greedy), follow(model, greedy), follow(model, greedy)]
    clock.advance(400)
    await settle()
    expect(model.stats).toMatchObject({ active: 2, queued: 1 })
    expect(streams.map(({ events }) => events.length)).toEqual([5, 5, 0])
    clock.advance(200)
    await settle()
    expect(model.stats).toMatchObject({ active: 1, queued: 0 })
    clock.advance(500)
    await settle()
    expect(streams.map(({ events }) => events.at(-1)?.type)).toEqual(['done', 'done', 'done'])
  })

  it('fails all of them when it dies', async () => {
    const model = await load({ tokensPerSecond: 10, atOnce: 1 })
    const streams = [follow(model, greedy), follow(model, greedy)]
    await settle()
    model.crash()
    for (const { end } of streams) expect(await end).toMatchObject({ code: 'ENGINE_FAILED' })
  })
})

describe('the speed of a scripted model', () => {
  it('is the same for every stream of a batch', async () => {
    const clock = new ManualClock()
    const model = await load({ tokensPerSecond: 25 }, clock)
    const streams = [follow(model, greedy), follow(model, greedy)]
    clock.advance(1000)
    await settle()
    for (const { events } of streams) expect(events).toHaveLength(1 + 25)
    expect(model.stats.active).toBe(2)
  })

  it('may exceed a thousand tokens a second', async () => {
    const clock = new ManualClock()
    const model = await load({ tokensPerSecond: 5000 }, clock)
    const { events } = follow(model, { ...greedy, maxTokens: 90 })
    clock.advance(10)
    await settle()
    expect(events).toHaveLength(1 + 50)
  })

  it('is no limit at all by default: the answer is there in the same turn', async () => {
    const { events, end } = follow(await load({}), { ...greedy, maxTokens: 20 })
    let turnEnded = false
    setImmediate(() => {
      turnEnded = true
    })
    await end
    expect(turnEnded).toBe(false)
    expect(events).toHaveLength(22)
  })

  it('is there again after a pause', async () => {
    const clock = new ManualClock()
    const model = await load({ tokensPerSecond: 10 }, clock)
    for (let i = 0; i < 2; i++) {
      const { events } = follow(model, { ...greedy, maxTokens: 3 })
      clock.advance(1000)
      await settle()
      expect(events.at(-1)).toMatchObject({ type: 'done', completionTokens: 3 })
    }
  })
})

describe('failures of a scripted model', () => {
  it('happen while it loads', async () => {
    await expect(load({ failLoad: 'The weights are damaged.' })).rejects.toMatchObject({
      code: 'MODEL_LOAD_FAILED',
      message: 'The weights are damaged.',
    })
  })

  it('kill every running stream and the process', async () => {
    const clock = new ManualClock()
    const model = await load({ tokensPerSecond: 10, crashAfterTokens: 5 }, clock)
    const streams = [follow(model, greedy), follow(model, greedy)]
    clock.advance(1000)
    for (const { end } of streams) expect(await end).toMatchObject({ code: 'ENGINE_FAILED' })
    expect(await model.exited).toBe('was killed by SIGKILL')
    await expect(eventsOf(model, greedy)).rejects.toMatchObject({ code: 'ENGINE_FAILED' })
  })

  it('can be silence', async () => {
    const model = await load({ hangAfterTokens: 2 })
    const { events } = follow(model, { ...greedy, maxTokens: 9 })
    await settle()
    expect(events).toHaveLength(3)
    expect(model.stats.active).toBe(1)
  })
})

describe('loading a scripted model', () => {
  it('takes its time and can be given up', async () => {
    const clock = new ManualClock()
    const engine = createScriptedEngine(clock, () => ({ loadMs: 1000 }))
    const abort = new AbortController()
    const phases: string[] = []
    const loading = engine.load(modelFiles('m'), phase => phases.push(phase), new AbortController().signal)
    const givenUp = engine.load(modelFiles('n'), () => {}, abort.signal)
    abort.abort(new Error('not wanted'))
    await expect(givenUp).rejects.toThrow('not wanted')
    clock.advance(999)
    expect(phases).toEqual(['loading'])
    clock.advance(1)
    await loading
    expect(phases).toEqual(['loading', 'warming'])
    expect([...engine.running.keys()]).toEqual(['m'])
  })
})
