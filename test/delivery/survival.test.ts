// An answer whose Mac fails in the middle of it, and what the client notices: nothing but a pause.
import { describe, expect, test } from 'vitest'
import { createMemoryExchange } from '../../main/fabric/memory-bus.ts'
import type { InferEvent, Sequence } from '../../main/gateway/infer.ts'
import { encodeJson } from '../../main/protocol/json.ts'
import { subjects } from '../../main/protocol/subjects.ts'
import { type FreezableBus, freezable } from '../support/freezable-bus.ts'
import { ManualClock } from '../support/manual-clock.ts'
import {
  type Mesh,
  type MeshOptions,
  type MeshWorker,
  sequence,
  startMemoryMesh,
  startMesh,
  textOf,
} from '../support/mesh-in-memory.ts'
import { letTimePass, whileTimePasses } from '../support/time.ts'

const never = new AbortController().signal
const answerTokens = 30
/** Bytes for a client: each text as a line of JSON. */
const lines = { head: '', tail: '\n' }

type Worker = MeshWorker<FreezableBus>
type TestMesh = Mesh<FreezableBus> & { readonly clock: ManualClock }

async function startTestMesh(options: MeshOptions = {}): Promise<TestMesh> {
  const clock = new ManualClock()
  const exchange = createMemoryExchange({ clock })
  const mesh = await startMesh(async () => freezable(exchange.join()), {
    clock,
    workers: 2,
    ...options,
    script: { tokensPerSecond: 100, ...options.script },
  })
  return { ...mesh, clock }
}

interface Heard {
  readonly events: InferEvent[]
  /** When each came, by the mesh's clock. */
  readonly atMs: number[]
}

/** The answer to a sequence; `onToken` is called with the number of each token and the Mac that serves then. */
function listen(
  { infer, clock, workers }: TestMesh,
  more: Partial<Sequence> = {},
  onToken: (number: number, server: Worker) => void = () => {},
): Promise<Heard> {
  const heard: Heard = { events: [], atMs: [] }
  let tokens = 0
  const reading = async () => {
    let server: Worker | undefined
    for await (const event of infer(sequence({ maxTokens: answerTokens, ...more }), never)) {
      heard.events.push(event)
      heard.atMs.push(clock.now())
      if (event.type === 'accepted')
        server = workers.find(({ workerId }) => workerId === event.choice.workerId)
      if (event.type !== 'token' && event.type !== 'rendered') continue
      for (const _ of event.ids) if (server) onToken(++tokens, server)
    }
    return heard
  }
  return whileTimePasses(clock, reading())
}

async function undisturbed(more: Partial<Sequence> = {}): Promise<InferEvent[]> {
  return (await listen(await startTestMesh(), more)).events
}

function serversOf(events: readonly InferEvent[]): string[] {
  return events.flatMap(event => (event.type === 'accepted' ? [event.choice.workerId] : []))
}

/** All that a client is told, in whatever pieces. */
function toldBy(events: readonly InferEvent[]) {
  const told = events.filter(event => event.type === 'token' || event.type === 'rendered')
  const done = events.at(-1)
  if (done?.type !== 'done') throw new Error('the answer has no end')
  const { finishReason, totalTokens, promptTokens, cachedTokens } = done
  return {
    text: told.map(event => (event.type === 'token' ? event.token : textOfLines(event.bytes))).join(''),
    ids: told.flatMap(event => event.ids),
    logprobs: told.flatMap(event => (event.type === 'token' ? (event.logprobs ?? []) : [])),
    started: events.filter(event => event.type === 'started').length,
    end: { finishReason, totalTokens, promptTokens, cachedTokens },
  }
}

function textOfLines(bytes: Uint8Array): string {
  const rows = Buffer.from(bytes).toString().split('\n').filter(Boolean)
  return rows.map(row => JSON.parse(row)).join('')
}

function longestPauseMs({ atMs }: Heard): number {
  return Math.max(...atMs.slice(1).map((ms, i) => ms - (atMs[i] ?? 0)))
}

function saySharing(mesh: TestMesh, { workerId, bus }: Worker, state: 'leaving' | 'paused'): void {
  const heartbeat = mesh.view.worker(workerId)?.heartbeat
  const sharing = { state, reason: 'the lid is closed', untilMs: null }
  bus.publish(subjects.heartbeat, encodeJson({ ...heartbeat, sharing }))
}

const failures: readonly {
  readonly what: string
  readonly fail: (mesh: TestMesh, server: Worker) => void
  readonly longestPauseMs: number
}[] = [
  { what: 'is killed', fail: (_, server) => void server.bus.close(), longestPauseMs: 1000 },
  { what: 'is cut off', fail: (_, server) => server.bus.freeze(), longestPauseMs: 1500 },
  { what: 'loses its process', fail: (_, server) => server.model.crash(), longestPauseMs: 100 },
  { what: 'leaves', fail: (mesh, server) => saySharing(mesh, server, 'leaving'), longestPauseMs: 100 },
  {
    what: 'pauses for its owner',
    fail: (mesh, server) => saySharing(mesh, server, 'paused'),
    longestPauseMs: 100,
  },
  { what: 'stops at once', fail: (_, server) => void server.serving.drain(0), longestPauseMs: 100 },
]

describe.each(failures)('an answer whose Mac $what', ({ fail, longestPauseMs: bound }) => {
  test.each([1, 12, answerTokens - 1, answerTokens])('at token %i is the same to the last word', async at => {
    const mesh = await startTestMesh()
    const heard = await listen(mesh, {}, (number, server) => {
      if (number === at) fail(mesh, server)
    })
    expect(toldBy(heard.events)).toEqual(toldBy(await undisturbed()))
    if (at < answerTokens) expect(new Set(serversOf(heard.events)).size).toBe(2)
    expect(longestPauseMs(heard)).toBeLessThanOrEqual(bound)
  })

  test('goes on in whatever way it was asked for', async () => {
    const ways: readonly Partial<Sequence>[] = [
      { render: lines },
      { temperature: 1, seed: 5 },
      { logprobs: 2 },
      { messages: undefined, prompt: 'Say it again', echo: true },
    ]
    for (const way of ways) {
      const mesh = await startTestMesh()
      const heard = await listen(mesh, way, (number, server) => {
        if (number === 9) fail(mesh, server)
      })
      expect(toldBy(heard.events), JSON.stringify(way)).toEqual(toldBy(await undisturbed(way)))
      expect(serversOf(heard.events)).toHaveLength(2)
    }
  })
})

test('a Mac whose connection is back within a third of a second is not mistaken for a lost one', async () => {
  const clock = new ManualClock()
  const { infer, workers } = await startMemoryMesh({ clock, workers: 2, script: { tokensPerSecond: 2 } })
  const events: InferEvent[] = []
  const reading = (async () => {
    for await (const event of infer(sequence({ maxTokens: 4 }), never)) {
      events.push(event)
      const server = workers.find(({ serving }) => serving.activeRequests > 0)
      if (event.type !== 'token') continue
      clock.after(350, () => server?.bus.interrupt())
      clock.after(650, () => server?.bus.reconnect())
    }
  })()
  await whileTimePasses(clock, reading)
  expect(serversOf(events)).toHaveLength(1)
  expect(events.at(-1)).toMatchObject({ type: 'done', totalTokens: 4 })
})

test('an answer survives the loss of one Mac after the other', async () => {
  const mesh = await startTestMesh({ workers: 4 })
  const { events } = await listen(mesh, {}, (number, server) => {
    if (number % 8 === 0 && number < 25) void server.bus.close()
  })
  expect(toldBy(events)).toEqual(toldBy(await undisturbed()))
  expect(new Set(serversOf(events)).size).toBe(4)
  expect(events.at(-1)).toMatchObject({ promptTokens: 1, totalTokens: answerTokens, finishReason: 'length' })
})

test.each<Partial<Sequence>>([{ render: lines }, { logprobs: 1 }])(
  'an answer that comes in large pieces is cut between them (%j)',
  async way => {
    const long = { ...way, maxTokens: 1000 }
    for (const messages of [2, 3, 7]) {
      const mesh = await startTestMesh({ script: { tokensPerSecond: 0 } })
      mesh.workers[0]?.bus.freeze(messages)
      const { events } = await listen(mesh, long)
      expect(serversOf(events)).toHaveLength(2)
      expect(toldBy(events)).toEqual(toldBy(await undisturbed(long)))
    }
  },
)

test('a stop string is found although its Mac was lost in the middle of it', async () => {
  const text = textOf(await undisturbed())
  const way = { stop: [text.slice(52, 70)] }
  const whole = toldBy(await undisturbed(way))
  expect(whole.end.finishReason).toBe('stop')
  for (const at of whole.ids.keys()) {
    const mesh = await startTestMesh()
    const { events } = await listen(mesh, way, (number, server) => {
      if (number === at) server.model.crash()
    })
    expect(toldBy(events)).toMatchObject({ text: whole.text, end: whole.end })
  }
})

test('a prompt that was being said again is not said twice', async () => {
  const mesh = await startTestMesh()
  const prompt = `${'long'.repeat(20)} `.repeat(2000)
  mesh.workers[0]?.bus.freeze(2) // "started", and the first of several parts
  const { events } = await listen(mesh, { messages: undefined, prompt, echo: true })
  expect(serversOf(events)).toEqual(['worker1', 'worker2'])
  const echoed = events.map(event => (event.type === 'echo' ? event.token : ''))
  expect(echoed.filter(Boolean).length).toBeGreaterThan(2)
  expect(echoed.join('')).toBe(prompt)
})

describe('without another Mac that can go on', () => {
  test.each([
    { what: 'killed', fail: (server: Worker) => void server.bus.close() },
    { what: 'cut off', fail: (server: Worker) => server.bus.freeze() },
  ])('an answer whose Mac was $what ends within 5 s in words', async ({ fail }) => {
    const mesh = await startTestMesh({ workers: 1 })
    let failedAtMs = 0
    const answer = listen(mesh, {}, (number, server) => {
      if (number !== 5) return
      failedAtMs = mesh.clock.now()
      fail(server)
    })
    await expect(answer).rejects.toMatchObject({
      code: 'WORKER_LOST',
      message: expect.stringMatching(/silent.*No other Mac/),
    })
    expect(mesh.clock.now() - failedAtMs).toBeLessThan(5000)
  })

  test('the same Mac goes on when its process is there again', async () => {
    const mesh = await startTestMesh({ workers: 1 })
    const { events } = await listen(mesh, {}, (number, server) => {
      if (number === 5) server.model.crash()
    })
    expect(toldBy(events)).toEqual(toldBy(await undisturbed()))
  })

  test('a Mac that was lost goes on with its own answer when it is back soon, each time', async () => {
    const clock = new ManualClock()
    const { infer, workers } = await startMemoryMesh({ clock, script: { tokensPerSecond: 20 } })
    const [worker] = workers
    const events: InferEvent[] = []
    let tokens = 0
    const reading = (async () => {
      for await (const event of infer(sequence({ maxTokens: 160 }), never)) {
        events.push(event)
        if (event.type !== 'token') continue
        tokens += event.ids.length
        if (tokens !== 5 && tokens !== 120) continue
        worker?.bus.interrupt()
        clock.after(2000, () => worker?.bus.reconnect())
      }
    })()
    await whileTimePasses(clock, reading)
    expect(serversOf(events)).toEqual(['worker1', 'worker1', 'worker1'])
    expect(toldBy(events)).toEqual(toldBy(await undisturbed({ maxTokens: 160 })))
  })

  test('a model of the same name that is another one is not asked', async () => {
    const mesh = await startTestMesh({ fingerprintOf: workerId => `weights of ${workerId}` })
    const used: string[] = []
    const answer = listen(mesh, {}, (number, server) => {
      used.push(server.workerId)
      if (number === 5) void server.bus.close()
    })
    await expect(answer).rejects.toMatchObject({ code: 'WORKER_LOST' })
    expect(new Set(used).size).toBe(1)
  })

  test('an answer stays on a Mac that leaves, and comes to its end there', async () => {
    const mesh = await startTestMesh({ workers: 1 })
    const { events } = await listen(mesh, {}, (number, server) => {
      if (number === 5) saySharing(mesh, server, 'leaving')
    })
    expect(serversOf(events)).toHaveLength(1)
    expect(toldBy(events)).toEqual(toldBy(await undisturbed()))
  })

  test('an answer is not taken from a Mac that leaves for one that would have to load the model', async () => {
    const mesh = await startTestMesh()
    const { events } = await listen(mesh, {}, (number, server) => {
      if (number === 3) mesh.workers.find(worker => worker !== server)?.models.unload('scripted')
      if (number === 5) saySharing(mesh, server, 'leaving')
    })
    expect(serversOf(events)).toHaveLength(1)
    expect(toldBy(events)).toEqual(toldBy(await undisturbed()))
  })
})

describe('a request', () => {
  test('that kills engines does not visit every Mac', async () => {
    let loads = 0
    const mesh = await startTestMesh({
      workers: 6,
      scriptOf: () => {
        loads++
        return { crashAfterTokens: 1 }
      },
    })
    const used: string[] = []
    const answer = listen(mesh, {}, (_, server) => used.push(server.workerId))
    await expect(answer).rejects.toMatchObject({ code: 'ENGINE_FAILED' })
    expect(new Set(used).size).toBe(3)
    expect(loads).toBe(6)
  })

  test('that kills the only engine leaves the model its last strike', async () => {
    const mesh = await startTestMesh({ workers: 1, script: { crashAfterTokens: 1 } })
    await expect(listen(mesh)).rejects.toMatchObject({ code: 'ENGINE_FAILED' })
    expect(mesh.workers[0]?.models.list()[0]?.reason).not.toMatch(/left alone/)
  })

  test('goes to another Mac when the model cannot be loaded there, and fails soon when nowhere', async () => {
    const broken = new Set(['worker1'])
    const mesh = await startTestMesh({
      scriptOf: workerId => ({ failLoad: broken.has(workerId) ? 'its file is damaged' : null }),
    })
    for (const { models } of mesh.workers) if (models.list()[0]?.state === 'ready') models.unload('scripted')
    await letTimePass(mesh.clock, 1500)
    expect(serversOf((await listen(mesh)).events).at(-1)).toBe('worker2')
    broken.add('worker2')
    mesh.workers[1]?.models.unload('scripted')
    await letTimePass(mesh.clock, 1500)
    const beganMs = mesh.clock.now()
    await expect(listen(mesh)).rejects.toMatchObject({ code: 'MODEL_LOAD_FAILED' })
    expect(mesh.clock.now() - beganMs).toBeLessThan(2000)
  })

  test('avoids a Mac that was lost, until something is heard of it', async () => {
    const mesh = await startTestMesh()
    const [lost] = mesh.workers
    await letTimePass(mesh.clock, 1000)
    await listen(mesh, {}, (number, server) => {
      if (number === 2 && server === lost) server.bus.freeze()
    })
    const beganMs = mesh.clock.now()
    const next = await listen(mesh, { maxTokens: 1 })
    expect(serversOf(next.events)).toEqual(['worker2'])
    expect(mesh.clock.now() - beganMs).toBeLessThan(100)
  })

  test('that was never heard because its Mac had gone begins on another one', async () => {
    const mesh = await startTestMesh()
    mesh.workers[0]?.bus.freeze()
    const { events } = await listen(mesh)
    expect(serversOf(events)).toEqual(['worker2'])
    expect(toldBy(events)).toEqual(toldBy(await undisturbed()))
  })

  test('can be called off while a Mac is looked for', async () => {
    const mesh = await startTestMesh({ workers: 1 })
    const client = new AbortController()
    const reading = (async () => {
      for await (const event of mesh.infer(sequence(), client.signal))
        if (event.type === 'token') void mesh.workers[0]?.bus.close()
    })()
    const outcome = expect(reading).rejects.toMatchObject({ code: 'CANCELLED' })
    await letTimePass(mesh.clock, 2000)
    client.abort()
    await outcome
  })

  test('that was called off while a Mac was looked for is sent to none', async () => {
    const mesh = await startTestMesh({ workers: 1 })
    let sends = 0
    mesh.gatewayBus.subscribe('worker.*.inference', () => sends++)
    const client = new AbortController()
    const reading = (async () => {
      for await (const event of mesh.infer(sequence(), client.signal))
        if (event.type === 'token') mesh.workers[0]?.model.crash()
    })()
    const outcome = expect(reading).rejects.toMatchObject({ code: 'CANCELLED' })
    await letTimePass(mesh.clock, 50)
    client.abort()
    await outcome
    await letTimePass(mesh.clock, 1000)
    expect(sends).toBe(1)
  })

  test('whose client reads nothing loses nothing with its Mac', async () => {
    const mesh = await startTestMesh()
    const events = mesh.infer(sequence({ maxTokens: 600 }), never)
    await letTimePass(mesh.clock, 3000)
    const server = mesh.workers.find(({ serving }) => serving.activeRequests > 0)
    void server?.bus.close()
    await letTimePass(mesh.clock, 3000)
    const heard: InferEvent[] = []
    await whileTimePasses(
      mesh.clock,
      (async () => {
        for await (const event of events) heard.push(event)
      })(),
    )
    expect(serversOf(heard)).toHaveLength(2)
    expect(toldBy(heard)).toEqual(toldBy(await undisturbed({ maxTokens: 600 })))
  })
})
