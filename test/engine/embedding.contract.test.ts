// What the port promises of embeddings (main/engine/engine.ts), held against both of its implementations.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EmbedRequest, EngineEvent, EngineModel } from '../../main/engine/engine.ts'
import { createMlxEngine } from '../../main/engine/mlx-engine.ts'
import { createScriptedEngine } from '../../main/engine/scripted-engine.ts'
import { realClock } from '../../main/protocol/clock.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { eventsOf, modelFiles } from '../support/models.ts'
import { embeddingModelFolder, pythonBinary, pythonFolder } from '../support/runtime.ts'

const never = new AbortController().signal

const engines = [
  {
    name: 'the scripted engine',
    load: () => {
      const files = modelFiles('minilm', { kind: 'embedding', contextTokens: 256 })
      return createScriptedEngine(realClock).load(files, () => {}, never)
    },
  },
  {
    name: 'the MLX engine',
    load: () => {
      const engine = createMlxEngine({ pythonBinary, pythonFolder, clock: realClock, log: silentLog })
      return engine.load(modelFiles('minilm', { folder: embeddingModelFolder }), () => {}, never)
    },
  },
]

describe.each(engines)('$name', ({ load }) => {
  let model: EngineModel
  beforeAll(async () => {
    model = await load()
  })
  afterAll(() => model.close(5000))

  const ask = async (request: EmbedRequest) => {
    const events: EngineEvent[] = []
    for await (const event of model.embed(request)) events.push(event)
    return events
  }
  const vectorsOf = async (request: EmbedRequest) => {
    const parts = (await ask(request)).map(event => (event.type === 'vectors' ? event.base64 : ''))
    const bytes = Buffer.from(parts.join(''), 'base64')
    const length = bytes.length / 4 / request.inputs.length
    return request.inputs.map((_, row) =>
      Array.from({ length }, (_, i) => bytes.readFloatLE(4 * (row * length + i))),
    )
  }

  it('says that it has started, then the vectors, then that it is done', async () => {
    const events = await ask({ inputs: ['Hello world', 'Good morning'] })
    expect(events.map(({ type }) => type)).toEqual(['started', 'vectors', 'done'])
    expect(events[0]).toMatchObject({ promptTokens: expect.toSatisfy(count => count >= 4), cachedTokens: 0 })
    expect(events.at(-1)).toEqual({ type: 'done', finishReason: 'stop', completionTokens: 0 })
  })

  it('gives each input a vector of length one, the same in any company', async () => {
    const inputs = ['Hello world', 'a longer text of some more words', [101, 7592, 102]]
    const together = await vectorsOf({ inputs })
    for (const [i, input] of inputs.entries()) {
      const [alone] = await vectorsOf({ inputs: [input] })
      expect(Math.hypot(...(alone ?? []))).toBeCloseTo(1, 5)
      for (const [place, value] of (alone ?? []).entries()) expect(together[i]?.[place]).toBeCloseTo(value, 5)
    }
  })

  it('gives as many dimensions as are asked for', async () => {
    const [vector] = await vectorsOf({ inputs: ['Hello world'], dimensions: 6 })
    expect(vector).toHaveLength(6)
    expect(Math.hypot(...(vector ?? []))).toBeCloseTo(1, 5)
  })

  it.each([
    {
      title: 'an input that is too long',
      request: { inputs: ['short', 'word '.repeat(300)], first: 512 },
      refusal: { code: 'CONTEXT_LENGTH_EXCEEDED', param: 'input[513]' },
    },
    {
      title: 'more dimensions than there are',
      request: { inputs: ['short'], dimensions: 100_000 },
      refusal: { code: 'INVALID_REQUEST', param: 'dimensions' },
    },
  ])('refuses $title, and goes on', async ({ request, refusal }) => {
    await expect(ask(request)).rejects.toMatchObject(refusal)
    expect(await vectorsOf({ inputs: ['next'] })).toHaveLength(1)
  })

  it('makes no text', async () => {
    await expect(eventsOf(model, { prompt: 'Hello' })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      param: 'model',
    })
  })

  it('takes nothing more once it is closed', async () => {
    const other = await load()
    await other.close(5000)
    const asked = async () => {
      for await (const _ of other.embed({ inputs: ['Hello'] }));
    }
    await expect(asked()).rejects.toMatchObject({ code: 'SHUTTING_DOWN' })
  })
})
