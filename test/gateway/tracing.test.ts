// The way of a request as a tracing tool sees it: HTTP, a bus, two Macs, their engines.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createMlxEngine } from '../../main/engine/mlx-engine.ts'
import type { Bus } from '../../main/fabric/bus.ts'
import { createMemoryExchange } from '../../main/fabric/memory-bus.ts'
import { realClock } from '../../main/protocol/clock.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { openTracing, type Tracing } from '../../main/telemetry/tracing.ts'
import { freezable } from '../support/freezable-bus.ts'
import { type Mesh, type MeshOptions, startMemoryMesh, startMesh } from '../support/mesh-in-memory.ts'
import { type OtlpReceiver, type ReceivedSpan, receiveOtlp } from '../support/otlp-receiver.ts'
import { pythonBinary, pythonFolder, tinyModelFolder } from '../support/runtime.ts'
import { chat } from './support/ask.ts'
import { openDoor } from './support/open-door.ts'

const asked = {
  model: 'scripted',
  messages: [{ role: 'user', content: 'A secret of mine' }],
  max_tokens: 12,
  temperature: 0,
}
const client = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }
const traceparent = `00-${client.traceId}-${client.spanId}-01`

test('one request is one trace, from the client through gateway and worker, and holds no prompt', async () => {
  const { tool, door, flush } = await traced(tracingOf => startMemoryMesh({ tracingOf }))
  const { status } = await chat(door, asked, { traceparent })
  expect(status).toBe(200)
  await flush()
  const request = one(tool, 'POST /v1/chat/completions')
  expect(request).toMatchObject({
    ...{ traceId: client.traceId, parentSpanId: client.spanId, instance: 'gateway', status: 0 },
    attributes: {
      'http.response.status_code': 200,
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'scripted',
      'gen_ai.usage.input_tokens': 4,
      'gen_ai.usage.output_tokens': 12,
      'mlx_mesh.worker.id': 'worker1',
    },
  })
  const attempt = one(tool, 'attempt')
  expect(attempt).toMatchObject({
    parentSpanId: request.spanId,
    attributes: { 'mlx_mesh.outcome': 'answered', 'mlx_mesh.worker.id': 'worker1' },
  })
  const serve = one(tool, 'serve')
  expect(serve).toMatchObject({ parentSpanId: attempt.spanId, instance: 'worker1' })
  for (const phase of ['load', 'queue', 'prefill', 'decode'])
    expect(one(tool, phase), phase).toMatchObject({ parentSpanId: serve.spanId, instance: 'worker1' })
  expect(new Set(tool.spans.map(span => span.traceId))).toEqual(new Set([client.traceId]))
  expect(tool.bodies.join('')).not.toContain('secret')
  for (const span of tool.spans) expect(span.endMs).toBeGreaterThanOrEqual(span.startMs)
})

test('a hand-over is one trace of two attempts', async () => {
  const exchange = createMemoryExchange()
  const { tool, door, mesh, flush } = await traced(tracingOf =>
    startMesh(async () => freezable(exchange.join()), {
      workers: 2,
      script: { tokensPerSecond: 200 },
      tracingOf,
    }),
  )
  const answer = await fetch(`${door.url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ ...asked, max_tokens: 120, stream: true }),
  })
  const reader = known(answer.body).getReader()
  for (let heard = ''; !/"content":"\w/.test(heard); )
    heard += Buffer.from(known((await reader.read()).value))
  const server = known(mesh.workers.find(({ serving }) => serving.activeRequests > 0))
  server.bus.freeze()
  while (!(await reader.read()).done);
  await flush()
  const request = one(tool, 'POST /v1/chat/completions')
  expect(request.events).toEqual(['handed over'])
  const attempts = named(tool, 'attempt').sort((a, b) => a.startMs - b.startMs)
  expect(attempts.map(({ attributes }) => attributes['mlx_mesh.outcome'])).toEqual(['lost', 'answered'])
  expect(attempts.map(({ status }) => status)).toEqual([2, 0])
  expect(attempts[0]?.attributes['mlx_mesh.worker.id']).toBe(server.workerId)
  expect(attempts[1]?.attributes['mlx_mesh.delivered_tokens']).toBeGreaterThan(0)
  const takeOver = named(tool, 'serve').find(({ parentSpanId }) => parentSpanId === attempts[1]?.spanId)
  expect(takeOver?.attributes['mlx_mesh.resumed_tokens']).toBe(
    attempts[1]?.attributes['mlx_mesh.delivered_tokens'],
  )
  expect(new Set(tool.spans.map(span => span.traceId)).size).toBe(1)
})

test('the runtime says itself how long it read and wrote', async () => {
  const engine = createMlxEngine({ pythonBinary, pythonFolder, clock: realClock, log: silentLog })
  const { tool, door, mesh, flush } = await traced(tracingOf =>
    startMemoryMesh({ engine: { engine, folder: tinyModelFolder }, tracingOf }),
  )
  onTestFinished(async () => {
    await Promise.all(mesh.workers.map(({ models }) => models.close()))
  })
  const messages = [{ role: 'user', content: 'word '.repeat(700) }]
  expect((await chat(door, { ...asked, messages, max_tokens: 40 })).status).toBe(200)
  await flush()
  const serve = one(tool, 'serve')
  const runtime = one(tool, 'runtime')
  expect(runtime.parentSpanId).toBe(serve.spanId)
  for (const [name, outer] of [
    ['runtime prefill', 'prefill'],
    ['runtime decode', 'decode'],
  ] as const) {
    const inner = one(tool, name)
    expect(inner.parentSpanId).toBe(runtime.spanId)
    expect(inner.endMs - inner.startMs).toBeGreaterThan(0)
    expect(Math.abs(inner.endMs - inner.startMs - lengthOf(one(tool, outer))), name).toBeLessThan(250)
  }
}, 60_000)

test('a client that is not traced by its own wish, and a wrong word of it, are understood', async () => {
  const { tool, door, flush } = await traced(tracingOf => startMemoryMesh({ tracingOf }))
  await chat(door, asked, { traceparent: traceparent.replace(/01$/, '00') })
  await chat(door, asked, { traceparent: `00-${'0'.repeat(32)}-${client.spanId}-01` })
  await flush()
  const request = one(tool, 'POST /v1/chat/completions') // of the second
  expect(request.parentSpanId).toBe('')
  expect(request.traceId).not.toBe(client.traceId)
})

test('what the client did wrong is no error of the Mac, and a model that cannot answer is one', async () => {
  const { tool, door, flush } = await traced(tracingOf =>
    startMemoryMesh({ script: { crashAfterTokens: 1, tokensPerSecond: 100 }, tracingOf }),
  )
  expect((await chat(door, { ...asked, max_tokens: -1 })).status).toBe(400)
  expect((await chat(door, asked)).status).toBe(500)
  await flush()
  const requests = named(tool, 'POST /v1/chat/completions').sort((a, b) => a.startMs - b.startMs)
  expect(requests.map(({ status }) => status)).toEqual([0, 2])
  expect(requests.map(({ attributes }) => attributes['error.type'])).toEqual([
    'INVALID_REQUEST',
    'ENGINE_FAILED',
  ])
})

test('a tracing tool that is not there disturbs no request, and is mentioned once', async () => {
  const lines: string[] = []
  const log = { ...silentLog, warn: (message: string) => void lines.push(message) }
  const deaf = createServer((req, res) => req.resume().on('end', () => res.writeHead(400).end()))
  await new Promise<void>(listening => deaf.listen(0, '127.0.0.1', listening))
  onTestFinished(() => void deaf.close())
  const { port } = deaf.address() as AddressInfo
  const tracing = await traceTo(`http://127.0.0.1:${port}/v1/traces`, 'gateway', log)
  const { infer } = await startMemoryMesh({ tracingOf: () => tracing })
  const door = await openDoor({ infer, tracing })
  for (let i = 0; i < 1000; i++) expect((await chat(door, asked)).status).toBe(200)
  await tracing.close()
  expect(lines).toEqual(['traces cannot be sent; requests are answered all the same'])
})

test('nothing is traced unless the configuration says so', async () => {
  const settings = { enabled: false, endpoint: 'http://127.0.0.1:9', sample_ratio: 1 }
  expect(await openTracing({ settings, workerId: 'w', version: '1', log: silentLog })).toBeNull()
})

/** Each of its programs has an exporter of its own, as on Macs of their own. */
async function traced<B extends Bus>(
  start: (tracingOf: NonNullable<MeshOptions['tracingOf']>) => Promise<Mesh<B>>,
) {
  const tool = await receiveOtlp()
  const programs = new Map<string, Tracing>()
  for (const who of ['gateway', 'worker1', 'worker2']) programs.set(who, await traceTo(tool.endpoint, who))
  const mesh = await start(who => known(programs.get(who)))
  const door = await openDoor({ infer: mesh.infer, tracing: known(programs.get('gateway')) })
  const flush = () => Promise.all([...programs.values()].map(tracing => tracing.close()))
  return { tool, mesh, door, flush }
}

async function traceTo(endpoint: string, workerId: string, log = silentLog): Promise<Tracing> {
  const settings = { enabled: true, endpoint, sample_ratio: 1 }
  return known(await openTracing({ settings, workerId, version: '1', log }))
}

function known<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('there is none')
  return value
}

function named(tool: OtlpReceiver, name: string): ReceivedSpan[] {
  return tool.spans.filter(span => span.name === name)
}

function one(tool: OtlpReceiver, name: string): ReceivedSpan {
  const [span, ...more] = named(tool, name)
  if (!span || more.length > 0) {
    const names = tool.spans.map(each => each.name).join(', ')
    throw new Error(`there should be one span ${name} among ${names}`)
  }
  return span
}

function lengthOf({ startMs, endMs }: ReceivedSpan): number {
  return endMs - startMs
}
