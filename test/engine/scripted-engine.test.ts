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
  it('counts the words of the prompt and makes exactly as many tokens as were asked for', async () => {
    const events = await eventsOf(await load(), { ...greedy, maxTokens: 3 })
    expect(events.map(event => event.type)).toEqual(['started', 'tokens', 'tokens', 'tokens', 'done'])
    expect(events[0]).toEqual({ type: 'started', promptTokens: 4, cachedTokens: 0 })
    expect(events[4]).toEqual({ type: 'done', finishReason: 'length', completionTokens: 3 })
  })

  it('ends by itself when nothing limits its answer', async () => {
    const events = await eventsOf(await load({ answerTokens: 5 }), greedy)
    expect(events.at(-1)).toEqual({ type: 'done', finishReason: 'stop', completionTokens: 5 })
  })

  it('says the prompt again when asked to, and can generate nothing', async () => {
    const events = await eventsOf(await load(), { ...greedy, echo: true, maxTokens: 0 })
    expect(events.slice(1)).toEqual([
      { type: 'echo', text: 'tell me a story', logprobs: null },
      { type: 'done', finishReason: 'length', completionTokens: 0 },
    ])
  })

  it('repeats an answer for the same seed, and another for another seed', async () => {
    const model = await load()
    const first = await textFrom(model, { prompt: 'hello', seed: 1 })
    expect(await textFrom(model, { prompt: 'hello', seed: 1 })).toBe(first)
    expect(await textFrom(model, { prompt: 'hello', seed: 2 })).not.toBe(first)
  })

  it('goes on where an answer was cut off', async () => {
    const model = await load()
    const whole = await textFrom(model, { ...greedy, maxTokens: 10 })
    const begun = await textFrom(model, { ...greedy, maxTokens: 4 })
    const rest = await textFrom(model, { prompt: `${greedy.prompt} ${begun}`, temperature: 0, maxTokens: 6 })
    expect(begun + rest).toBe(whole)
  })

  it('stops before a stop string that spans two tokens and does not show its beginning', async () => {
    const model = await load()
    const whole = await textFrom(model, { ...greedy, maxTokens: 10 })
    const words = whole.split(' ')
    const stop = `${words[2]?.slice(-1)} ${words[3]}`
    const events = await eventsOf(model, { ...greedy, maxTokens: 10, stop: [stop] })
    const text = events.map(event => (event.type === 'tokens' ? event.text : '')).join('')
    expect(text).toBe(whole.slice(0, whole.indexOf(stop)))
    expect(events.at(-1)).toMatchObject({ type: 'done', finishReason: 'stop', completionTokens: 4 })
  })

  it.each([
    { title: 'without a prompt', request: {}, code: 'INVALID_REQUEST' },
    { title: 'over its context', request: { prompt: 'word '.repeat(100) }, code: 'CONTEXT_LENGTH_EXCEEDED' },
  ])('refuses a request $title', async ({ request, code }) => {
    await expect(eventsOf(await load(), request)).rejects.toMatchObject({ code })
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

describe('leaving a scripted stream early', () => {
  it('frees its place', async () => {
    const clock = new ManualClock()
    const model = await load({ tokensPerSecond: 10 }, clock)
    for await (const event of model.generate(greedy)) if (event.type === 'started') break
    expect(model.stats.active).toBe(0)
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

  it('do not include being closed, which ends streams too', async () => {
    const model = await load({ tokensPerSecond: 1 })
    const { end } = follow(model, greedy)
    await model.close(0)
    expect(await end).toMatchObject({ code: 'SHUTTING_DOWN' })
    expect(await model.exited).toBe(null)
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
