import { describe, expect, test } from 'vitest'
import type { InferEvent } from '../../main/gateway/infer.ts'
import { subjects } from '../../main/protocol/subjects.ts'
import { sequence, startMemoryMesh, textOf } from '../support/mesh-in-memory.ts'

const never = new AbortController().signal

async function collect(events: AsyncIterable<InferEvent>, each: (event: InferEvent) => void = () => {}) {
  const all: InferEvent[] = []
  for await (const event of events) {
    all.push(event)
    each(event)
  }
  return all
}

/** What the same request gives when nothing goes wrong. */
async function reference(maxTokens: number): Promise<string> {
  const { infer } = await startMemoryMesh()
  return textOf(await collect(infer(sequence({ maxTokens }), never)))
}

describe('an answer', () => {
  test('arrives whole, counted, and in one message when it is short', async () => {
    const { infer, gatewayBus } = await startMemoryMesh()
    let messages = 0
    gatewayBus.subscribe('response.>', () => messages++)
    const events = await collect(infer(sequence({ maxTokens: 3 }), never))
    expect(events.map(event => event.type)).toEqual(['accepted', 'token', 'done'])
    expect(events.at(-1)).toMatchObject({ finishReason: 'length', totalTokens: 3 })
    expect(messages).toBe(1)
  })

  test('comes as ready bytes when the gateway streams', async () => {
    const { infer } = await startMemoryMesh({ script: { tokensPerSecond: 500 } })
    const render = { head: 'data: {"delta":', tail: '}\n\n' }
    const events = await collect(infer(sequence({ maxTokens: 20, render }), never))
    const rendered = events.flatMap(event =>
      event.type === 'rendered' ? [Buffer.from(event.bytes).toString()] : [],
    )
    const text = rendered
      .join('')
      .trim()
      .split('\n\n')
      .map(chunk => JSON.parse(chunk.slice('data: '.length)).delta)
      .join('')
    expect(text).toBe(await reference(20))
    expect(events.flatMap(event => (event.type === 'rendered' ? event.ids : []))).toHaveLength(20)
  })

  test('loses nothing and repeats nothing when the connection breaks in the middle of it', async () => {
    const { infer, workers } = await startMemoryMesh({ script: { tokensPerSecond: 1000 } })
    const worker = workers[0]
    let tokens = 0
    const events = await collect(infer(sequence({ maxTokens: 200 }), never), event => {
      if (event.type !== 'token') return
      tokens++
      if (tokens % 20 !== 0 || !worker?.bus.connected) return
      worker.bus.interrupt()
      setTimeout(() => worker.bus.reconnect(), 30)
    })
    expect(textOf(events)).toBe(await reference(200))
    expect(events.at(-1)).toMatchObject({ type: 'done', totalTokens: 200 })
  })

  test('is asked for again when the gateway was the one that could not hear', async () => {
    const { infer, gatewayBus } = await startMemoryMesh({ script: { tokensPerSecond: 1000 } })
    let interruptions = 0
    const events = await collect(infer(sequence({ maxTokens: 200 }), never), event => {
      if (event.type !== 'token' || interruptions > 3 || !gatewayBus.connected) return
      interruptions++
      gatewayBus.interrupt() // what is sent now is lost: nobody holds it for the gateway
      setTimeout(() => gatewayBus.reconnect(), 25)
    })
    expect(interruptions).toBeGreaterThan(1)
    expect(textOf(events)).toBe(await reference(200))
  })

  test('starts although the gateway was cut off when it was asked for', async () => {
    const { infer, gatewayBus } = await startMemoryMesh()
    gatewayBus.interrupt()
    const answer = collect(infer(sequence({ maxTokens: 3 }), never))
    gatewayBus.reconnect()
    expect((await answer).at(-1)).toMatchObject({ type: 'done', totalTokens: 3 })
  })

  test('is an error soon when the only Mac that could give it has vanished', async () => {
    const { infer, workers } = await startMemoryMesh()
    workers[0]?.bus.interrupt()
    const answer = collect(infer(sequence({ maxTokens: 3 }), never))
    await expect(answer).rejects.toMatchObject({ code: 'NO_WORKER' })
  })

  test('waits at the worker when the client does not read, and goes on when it does', async () => {
    const { infer, gatewayBus } = await startMemoryMesh({ script: { tokensPerSecond: 0 } })
    let sent = 0
    gatewayBus.subscribe('response.>', () => sent++)
    const render = { head: '', tail: '\n' }
    const stream = infer(sequence({ maxTokens: 4000, render }), never)[Symbol.asyncIterator]()
    expect((await stream.next()).value).toMatchObject({ type: 'accepted' })
    expect(sent).toBeLessThan(300)
    const rest = await collect({ [Symbol.asyncIterator]: () => stream })
    expect(rest.at(-1)).toMatchObject({ type: 'done', totalTokens: 4000 })
  })
})

describe('a request', () => {
  test('ends at the worker when the client leaves', async () => {
    const { infer, workers } = await startMemoryMesh({ script: { tokensPerSecond: 200, answerTokens: 4000 } })
    const client = new AbortController()
    const events = collect(infer(sequence(), client.signal), event => {
      if (event.type === 'token') client.abort()
    })
    await expect(events).rejects.toMatchObject({ code: 'CANCELLED' })
    await expect.poll(() => workers[0]?.model.stats.active).toBe(0)
    await expect.poll(() => workers[0]?.serving.activeRequests).toBe(0)
  })

  test('goes to another Mac when the first one is full', async () => {
    const { infer } = await startMemoryMesh({
      workers: 2,
      maxConcurrent: 1,
      script: { tokensPerSecond: 100 },
    })
    const workersUsed = new Set<string>()
    const answers = [1, 2].map(() =>
      collect(infer(sequence({ maxTokens: 10 }), never), event => {
        if (event.type === 'accepted') workersUsed.add(event.choice.workerId)
      }),
    )
    await Promise.all(answers)
    expect([...workersUsed].sort()).toEqual(['worker1', 'worker2'])
  })

  test('says why it went to that Mac', async () => {
    const { infer } = await startMemoryMesh({ workers: 2 })
    const [accepted] = await collect(infer(sequence({ maxTokens: 3 }), never))
    const score = {
      chip: 30,
      gpuCores: 9,
      memory: 9,
      idle: 50,
      modelLoaded: 30,
      priority: 10,
      gpuBusy: 0,
      speed: 0,
      shared: 0,
      queued: 0,
      prefix: 0,
      preferred: 0,
      total: 138,
      setAside: null,
    }
    expect(accepted).toEqual({
      type: 'accepted',
      from: null,
      choice: {
        workerId: 'worker1',
        epoch: 1,
        fingerprint: 'scripted',
        strategy: 'hardware_aware',
        scores: [
          { workerId: 'worker1', ...score },
          { workerId: 'worker2', ...score },
        ],
      },
    })
  })

  test('is refused with the time to come back when every Mac is full', async () => {
    const { infer } = await startMemoryMesh({ maxConcurrent: 1, script: { tokensPerSecond: 100 } })
    const first = collect(infer(sequence({ maxTokens: 10 }), never))
    const second = collect(infer(sequence({ maxTokens: 10 }), never))
    await expect(second).rejects.toMatchObject({ code: 'OVERLOADED', retryAfterMs: 1000 })
    expect((await first).at(-1)).toMatchObject({ type: 'done' })
  })

  test('for a model that nobody has is refused as unknown', async () => {
    const { infer } = await startMemoryMesh()
    const answer = collect(infer(sequence({ modelId: 'gpt-4' }), never))
    await expect(answer).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND', param: 'model' })
  })

  test('that comes with a garbled message leaves the worker serving the next', async () => {
    const { infer, gatewayBus } = await startMemoryMesh()
    gatewayBus.publish(subjects.inference('worker1'), Buffer.from('{"requestId": 7'))
    gatewayBus.publish(subjects.acknowledge('worker1'), Buffer.from('[]'))
    const events = await collect(infer(sequence({ maxTokens: 3 }), never))
    expect(events.at(-1)).toMatchObject({ type: 'done' })
  })
})

describe('a worker that stops in order', () => {
  test('ends what it has in hand and refuses what is new', async () => {
    const { infer, workers } = await startMemoryMesh({ script: { tokensPerSecond: 200 } })
    let drained: Promise<void> | undefined
    const events = await collect(infer(sequence({ maxTokens: 20 }), never), event => {
      if (event.type === 'token') drained ??= workers[0]?.serving.drain(5000)
    })
    expect(events.at(-1)).toMatchObject({ type: 'done', totalTokens: 20 })
    await drained
  })

  test('cancels what does not end within its grace', async () => {
    const { infer, workers } = await startMemoryMesh({ script: { tokensPerSecond: 50, answerTokens: 4000 } })
    const answer = collect(infer(sequence(), never), event => {
      if (event.type === 'token') void workers[0]?.serving.drain(50)
    })
    await expect(answer).rejects.toMatchObject({ code: 'SHUTTING_DOWN' })
  })
})
