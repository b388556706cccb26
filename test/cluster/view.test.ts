import { describe, expect, test } from 'vitest'
import { createClusterView } from '../../main/cluster/view.ts'
import { createMemoryExchange } from '../../main/fabric/memory-bus.ts'
import { encodeJson } from '../../main/protocol/json.ts'
import { subjects } from '../../main/protocol/subjects.ts'
import { recordLog } from '../fabric/record-log.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { laptop } from '../support/mesh-in-memory.ts'

function watch() {
  const clock = new ManualClock()
  const { log, lines } = recordLog()
  const exchange = createMemoryExchange({ clock })
  const bus = exchange.join()
  const view = createClusterView({
    bus,
    clock,
    log,
    offlineTimeoutMs: 3500,
    self: { workerId: 'me', epoch: 1 },
  })
  const worker = exchange.join()
  const say = async (subject: string, value: unknown) => {
    worker.publish(subject, encodeJson(value))
    await worker.flush(1000)
  }
  const register = (epoch = 1) =>
    say(subjects.register, {
      workerId: 'studio',
      hostname: 'studio.local',
      ip: '127.0.0.1',
      port: 8080,
      hardware: laptop,
      capabilities: { maxConcurrent: 4, supportedModelTiers: [], availableMemoryGB: 20 },
      priority: 50,
      status: 'online',
      epoch,
      timestamp: clock.now(),
    })
  const beat = (epoch = 1) =>
    say(subjects.heartbeat, {
      workerId: 'studio',
      epoch,
      status: 'online',
      metrics: {
        cpuUsagePercent: 1,
        memoryUsedGB: 1,
        gpuUtilizationPercent: 1,
        activeRequests: 0,
        queuedRequests: 0,
        totalRequestsHandled: 0,
        avgLatencyMs: 0,
        modelsLoaded: ['m'],
        availableMemoryGB: 1,
        tokensPerSecond: {},
      },
      sharing: { state: 'on', reason: null, untilMs: null },
      prefixes: [],
      models: [
        {
          modelId: 'm',
          fingerprint: 'f',
          state: 'ready',
          reason: null,
          sizeBytes: 1,
          memoryBytes: 1,
          contextTokens: 10,
          createdAtMs: 0,
          lastUsedAtMs: null,
          activeRequests: 0,
        },
      ],
      timestamp: clock.now(),
    })
  return { clock, lines, view, worker, say, register, beat, status: () => view.worker('studio')?.status }
}

describe('the view of the mesh', () => {
  test('knows a Mac from its registration and its models from its heartbeat', async () => {
    const { view, register, beat } = watch()
    await register()
    expect(view.holders('m')).toHaveLength(0)
    await beat()
    expect(view.holders('m').map(({ worker }) => worker.registration.workerId)).toEqual(['studio'])
  })

  test('calls a Mac offline after 3.5 s of silence and online again with its next heartbeat', async () => {
    const { clock, view, register, beat, status } = watch()
    await register()
    await beat()
    clock.advance(3500)
    expect(status()).toBe('online')
    clock.advance(1)
    expect(status()).toBe('offline')
    expect(view.holders('m')).toHaveLength(0)
    await beat()
    expect(status()).toBe('online')
  })

  test('believes a Mac that says goodbye at once', async () => {
    const { register, beat, say, status } = watch()
    await register()
    await beat()
    await say(subjects.shutdown, { workerId: 'studio', epoch: 1, timestamp: 0 })
    expect(status()).toBe('offline')
    await register(2)
    expect(status()).toBe('online')
  })

  test('does not listen to the ghost of an earlier run', async () => {
    const { register, beat, view } = watch()
    await register(2)
    await register(1)
    await beat(1)
    expect(view.worker('studio')?.registration.epoch).toBe(2)
    expect(view.worker('studio')?.heartbeat).toBeNull()
  })

  test('believes an earlier run when the later one is silent: the clock there was put right', async () => {
    const { register, beat, view, clock, status } = watch()
    await register(2)
    clock.advance(4000)
    await register(1)
    await beat(1)
    expect(status()).toBe('online')
    expect(view.worker('studio')?.registration.epoch).toBe(1)
  })

  test('asks a Mac for its registration when it hears only its heartbeat', async () => {
    const { worker, beat } = watch()
    await worker.flush(1000)
    let asked = 0
    worker.subscribe(subjects.announce, () => asked++)
    await beat()
    await worker.flush(1000)
    expect(asked).toBe(1)
  })

  test('survives garbage, and repeats none of it in the log', async () => {
    const { worker, lines, register, status } = watch()
    worker.publish(subjects.register, Buffer.from('my secret'))
    worker.publish(subjects.heartbeat, Buffer.from('[1]'))
    await register()
    expect(status()).toBe('online')
    expect(lines).toMatchObject([
      { message: 'a message was refused', fields: { fault: 'a value is malformed' } },
      { message: 'a message was refused', fields: { fault: 'message: invalid_type' } },
      { message: 'a worker has come' },
    ])
    expect(JSON.stringify(lines)).not.toContain('secret')
  })

  test('tells who wants to know when a worker is heard of, is gone, or is forgotten', async () => {
    const { view, register, beat, say } = watch()
    const told: string[] = []
    const stop = view.onChange(workerId => told.push(`${workerId} ${view.worker(workerId)?.status}`))
    await register()
    await beat()
    view.lost('studio')
    await beat()
    await say(subjects.shutdown, { workerId: 'studio', epoch: 1, timestamp: 0 })
    view.retain(() => false)
    expect(told).toEqual([
      'studio online',
      'studio online',
      'studio offline',
      'studio online',
      'studio offline',
      'studio undefined',
    ])
    stop()
    await register()
    expect(told).toHaveLength(6)
  })
})
