// The same with real models: two Python processes on two Macs, one of which goes away in the middle of an answer.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMlxEngine } from '../../main/engine/mlx-engine.ts'
import { MlxModel } from '../../main/engine/mlx-model.ts'
import { createMemoryExchange } from '../../main/fabric/memory-bus.ts'
import type { InferEvent, Sequence } from '../../main/gateway/infer.ts'
import { realClock } from '../../main/protocol/clock.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { type FreezableBus, freezable } from '../support/freezable-bus.ts'
import {
  type Mesh,
  type MeshWorker,
  readAll,
  sequence,
  startMesh,
  textOf,
} from '../support/mesh-in-memory.ts'
import { pythonBinary, pythonFolder, tinyModelFolder } from '../support/runtime.ts'

const never = new AbortController().signal

describe('an answer of a real model', () => {
  let mesh: Mesh<FreezableBus>
  beforeAll(async () => {
    const engine = createMlxEngine({ pythonBinary, pythonFolder, clock: realClock, log: silentLog })
    const exchange = createMemoryExchange()
    mesh = await startMesh(async () => freezable(exchange.join()), {
      workers: 3,
      engine: { engine, folder: tinyModelFolder },
    })
  }, 60_000)
  afterAll(() => Promise.all(mesh.workers.map(({ models }) => models.close())))

  async function disturbed(
    asked: Sequence,
    disturb: (server: MeshWorker<FreezableBus>) => Promise<void> | void,
  ): Promise<InferEvent[]> {
    const events: InferEvent[] = []
    let tokens = 0
    for await (const event of mesh.infer(asked, never)) {
      events.push(event)
      if (event.type !== 'token') continue
      tokens += event.ids.length
      const server = mesh.workers.find(({ serving }) => serving.activeRequests > 0)
      if (tokens > 20 && server) {
        void disturb(server)
        tokens = Number.NEGATIVE_INFINITY
      }
    }
    return events
  }

  test.each<{ title: string; how: Partial<Sequence> }>([
    { title: 'greedy', how: {} },
    { title: 'seeded', how: { temperature: 1, seed: 3 } },
    { title: 'penalized', how: { presencePenalty: 1, frequencyPenalty: 0.5 } },
  ])('that is $title is the same although its process is killed', async ({ how }) => {
    const asked = sequence({ maxTokens: 120, ...how })
    const whole = await readAll(mesh.infer(asked, never))
    const events = await disturbed(asked, async ({ models }) => {
      const { model, release } = await models.use('scripted', never)
      if (model instanceof MlxModel) process.kill(model.pid, 'SIGKILL')
      release()
    })
    expect(textOf(events)).toBe(textOf(whole))
    expect(events.at(-1)).toMatchObject({ type: 'done', totalTokens: 120, finishReason: 'length' })
    expect(events.filter(event => event.type === 'accepted')).toHaveLength(2)
  })

  test('is the same although its Mac vanishes', async () => {
    const asked = sequence({ maxTokens: 120 })
    const whole = await readAll(mesh.infer(asked, never))
    const events = await disturbed(asked, server => server.bus.freeze())
    expect(textOf(events)).toBe(textOf(whole))
    expect(events.filter(event => event.type === 'accepted')).toHaveLength(2)
  })
})
