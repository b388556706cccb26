// What the port promises (main/engine/engine.ts), held against both of its implementations.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EngineEvent, EngineModel, GenerateRequest } from '../../main/engine/engine.ts'
import { createMlxEngine } from '../../main/engine/mlx-engine.ts'
import { createScriptedEngine } from '../../main/engine/scripted-engine.ts'
import { realClock } from '../../main/protocol/clock.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { eventsOf, modelFiles, textFrom, textOf } from '../support/models.ts'
import { pythonBinary, pythonFolder, tinyModelFolder } from '../support/runtime.ts'

const never = new AbortController().signal
const greedy = { prompt: 'Once upon a time there was', temperature: 0 }

const engines = [
  {
    name: 'the scripted engine',
    load: () => {
      const engine = createScriptedEngine(realClock, () => ({ tokensPerSecond: 1000 }))
      return engine.load(modelFiles('tiny'), () => {}, never)
    },
  },
  {
    name: 'the MLX engine',
    load: () => {
      const engine = createMlxEngine({ pythonBinary, pythonFolder, clock: realClock, log: silentLog })
      return engine.load(modelFiles('tiny', { folder: tinyModelFolder }), () => {}, never)
    },
  },
]

describe.each(engines)('$name', ({ load }) => {
  let model: EngineModel
  beforeAll(async () => {
    model = await load()
  })
  afterAll(() => model.close(5000))

  const ask = (request: GenerateRequest) => eventsOf(model, request)

  it('says that it has started, then the tokens, then how it ended', async () => {
    const events = await ask({ ...greedy, maxTokens: 5 })
    const kinds = events.map(event => event.type)
    expect(kinds[0]).toBe('started')
    expect(new Set(kinds.slice(1, -1))).toEqual(new Set(['tokens']))
    expect(idsOf(events)).toHaveLength(5)
    expect(events.at(-1)).toMatchObject({ type: 'done', finishReason: 'length', completionTokens: 5 })
  })

  it('says the prompt again when asked to, and can generate nothing', async () => {
    const events = await ask({ ...greedy, echo: true, maxTokens: 0 })
    expect(events.slice(1)).toMatchObject([
      { type: 'echo', text: greedy.prompt, logprobs: null },
      { type: 'done', finishReason: 'length', completionTokens: 0 },
    ])
  })

  it('tells as many alternatives to each token as were asked for', async () => {
    const events = await ask({ ...greedy, maxTokens: 2, logprobs: 2 })
    const entries = events.flatMap(event => (event.type === 'tokens' ? (event.logprobs ?? []) : []))
    expect(entries.map(([, , , alternatives]) => alternatives.length)).toEqual([2, 2])
  })

  it('stops before a stop string, wherever it begins', async () => {
    const whole = await textFrom(model, { ...greedy, maxTokens: 12 })
    for (const at of [3, 8]) {
      const stop = whole.slice(at, at + 6)
      const events = await ask({ ...greedy, maxTokens: 12, stop: ['never said', stop] })
      expect(textOf(events)).toBe(whole.slice(0, whole.indexOf(stop)))
      expect(events.at(-1)).toMatchObject({ type: 'done', finishReason: 'stop', stop })
    }
  })

  it('lets all text go when a stop string was begun and not finished', async () => {
    const whole = await textFrom(model, { ...greedy, maxTokens: 6 })
    const stop = `${whole.slice(-2)} and never said`
    const events = await ask({ ...greedy, maxTokens: 6, stop: [stop] })
    expect(textOf(events)).toBe(whole)
    expect(events.at(-1)).toMatchObject({ type: 'done', finishReason: 'length' })
  })

  it.each<{ title: string; how: Partial<GenerateRequest> }>([
    { title: 'greedy', how: {} },
    { title: 'seeded', how: { temperature: 1, seed: 7 } },
    { title: 'penalized', how: { presencePenalty: 1, frequencyPenalty: 1, repetitionPenalty: 1.3 } },
    { title: 'logged', how: { logprobs: 1 } },
  ])('goes on with a $title answer that was begun elsewhere, wherever it was cut', async ({ how }) => {
    const request = { ...greedy, ...how, maxTokens: 12 }
    const whole = await ask(request)
    for (const cut of [1, 5, 11, 12]) {
      const rest = await ask({ ...request, resume: { ids: idsOf(whole).slice(0, cut) } })
      expect(idsOf(rest)).toEqual(idsOf(whole).slice(cut))
      expect(textAt(whole, cut) + textOf(rest)).toBe(textOf(whole))
      expect(rest[0]).toMatchObject({ type: 'started', promptTokens: promptTokensOf(whole) })
      expect(rest.at(-1)).toMatchObject({ type: 'done', finishReason: 'length', completionTokens: 12 })
    }
  })

  it('finds a stop string of which a part was said elsewhere, or all but the end of the answer', async () => {
    const text = await textFrom(model, { ...greedy, maxTokens: 12 })
    const request = { ...greedy, maxTokens: 12, stop: [text.slice(8, 22)] }
    const whole = await ask(request)
    for (let cut = 1; cut <= idsOf(whole).length; cut++) {
      const rest = await ask({ ...request, resume: { ids: idsOf(whole).slice(0, cut) } })
      expect(textAt(whole, cut) + textOf(rest)).toBe(text.slice(0, text.indexOf(text.slice(8, 22))))
      expect(withoutTimes(rest.at(-1))).toEqual(withoutTimes(whole.at(-1)))
    }
  })

  it('does not say the prompt again in an answer that was begun elsewhere', async () => {
    const request = { ...greedy, echo: true, maxTokens: 3 }
    const rest = await ask({ ...request, resume: { ids: idsOf(await ask(request)).slice(0, 1) } })
    expect(rest.map(event => event.type)).toEqual(['started', 'tokens', 'tokens', 'done'])
  })

  it('gives the same text for the same seed, alone and among others, and another for another seed', async () => {
    const say = (seed: number) => textFrom(model, { ...greedy, temperature: 1, seed, maxTokens: 12 })
    const alone = await say(7)
    const among = await Promise.all([1, 7, 3].map(say))
    expect(among[1]).toBe(alone)
    expect(new Set(among).size).toBe(3)
  })

  it('serves many requests at once and mixes none up', async () => {
    const prompts = Array.from({ length: 12 }, (_, i) => `Number ${i} is`)
    const say = (prompt: string) => textFrom(model, { prompt, temperature: 0, maxTokens: 20 })
    const together = await Promise.all(prompts.map(say))
    for (const [i, prompt] of prompts.entries()) expect(await say(prompt)).toBe(together[i])
  })

  it('frees the place of a request that is left early', async () => {
    for await (const event of model.generate({ ...greedy, maxTokens: 1500 })) {
      if (event.type === 'tokens') break
    }
    await expect.poll(() => model.stats.active, { timeout: 5000 }).toBe(0)
    expect(await ask({ ...greedy, maxTokens: 1 })).not.toHaveLength(0)
  })

  it('takes a prompt and an answer that fill its context to the last token', async () => {
    const events = await ask({ prompt: tokens(model.contextTokens - 2), maxTokens: 2 })
    expect(events.find(event => event.type === 'started')).toMatchObject({
      promptTokens: model.contextTokens - 2,
    })
    expect(events.at(-1)).toMatchObject({ type: 'done' })
  })

  it('makes an answer as long as its context has room for, where more is only a bound', async () => {
    const bound = { ...greedy, fitContext: true }
    const events = await ask({ ...bound, prompt: tokens(model.contextTokens - 2), maxTokens: 32_000 })
    expect(events.at(-1)).toMatchObject({ type: 'done', finishReason: 'length', completionTokens: 2 })
    const none = ask({ ...bound, prompt: tokens(model.contextTokens), maxTokens: 32_000 })
    await expect(none).rejects.toMatchObject({ code: 'CONTEXT_LENGTH_EXCEEDED', param: 'prompt' })
  })

  it.each<{ title: string; request: () => GenerateRequest; refusal: object }>([
    {
      title: 'a prompt that its context does not hold',
      request: () => ({ prompt: tokens(model.contextTokens) }),
      refusal: { code: 'CONTEXT_LENGTH_EXCEEDED', param: 'prompt' },
    },
    {
      title: 'messages that its context does not hold',
      request: () => ({ messages: [{ role: 'user', content: 'word '.repeat(model.contextTokens) }] }),
      refusal: { code: 'CONTEXT_LENGTH_EXCEEDED', param: 'messages' },
    },
    {
      title: 'a prompt beside which its context does not hold the answer asked for',
      request: () => ({ prompt: tokens(model.contextTokens - 2), maxTokens: 3 }),
      refusal: { code: 'CONTEXT_LENGTH_EXCEEDED', param: 'prompt' },
    },
    {
      title: 'a request without a prompt',
      request: () => ({}),
      refusal: { code: 'INVALID_REQUEST', param: 'prompt' },
    },
    {
      title: 'an answer begun elsewhere that is longer than it may be',
      request: () => ({ ...greedy, maxTokens: 2, resume: { ids: tokens(3) } }),
      refusal: { code: 'INVALID_REQUEST', param: 'resume' },
    },
    {
      title: 'a request with a prompt and messages',
      request: () => ({ prompt: 'a', messages: [{ role: 'user', content: 'b' }] }),
      refusal: { code: 'INVALID_REQUEST', param: 'prompt' },
    },
  ])('refuses $title before it starts, and goes on', async ({ request, refusal }) => {
    const events: EngineEvent[] = []
    const refused = async () => {
      for await (const event of model.generate(request())) events.push(event)
    }
    await expect(refused()).rejects.toMatchObject(refusal)
    expect(events).toEqual([])
    expect(await ask({ ...greedy, maxTokens: 1 })).not.toHaveLength(0)
  })

  it('ends what runs when it is closed, and takes nothing more', async () => {
    const other = await load()
    const answer = other.generate({ ...greedy, maxTokens: 1500 })[Symbol.asyncIterator]()
    expect(await answer.next()).toMatchObject({ value: { type: 'started' } })
    const closing = other.close(5000)
    expect(other.isServing).toBe(false)
    const rest = async () => {
      while (!(await answer.next()).done);
    }
    await expect(rest()).rejects.toMatchObject({ code: 'SHUTTING_DOWN' })
    await closing
    expect(await other.exited).toBe(null)
    expect(other.stats.memoryBytes).toBe(0)
    await expect(eventsOf(other, greedy)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' })
  })
})

function tokens(count: number): number[] {
  return Array.from({ length: count }, () => 5)
}

/** What had been said with the first `count` tokens. */
function textAt(events: readonly EngineEvent[], count: number): string {
  return textOf(events.filter(event => event.type === 'tokens' && event.ids.length > 0).slice(0, count))
}

function promptTokensOf([started]: readonly EngineEvent[]): number {
  return started?.type === 'started' ? started.promptTokens : Number.NaN
}

function idsOf(events: readonly EngineEvent[]): number[] {
  return events.flatMap(event => (event.type === 'tokens' ? [...event.ids] : []))
}

function withoutTimes(event: EngineEvent | undefined): unknown {
  return event?.type === 'done' ? { ...event, timings: undefined } : event
}
