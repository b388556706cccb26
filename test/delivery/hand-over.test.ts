// Streams on a Mac that pauses or leaves: they move where that is better for them, and nowhere else.
import { describe, expect, test } from 'vitest'
import type { InferEvent, Sequence } from '../../main/gateway/infer.ts'
import { encodeJson } from '../../main/protocol/json.ts'
import { subjects } from '../../main/protocol/subjects.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { type MeshOptions, readAll, sequence, startMemoryMesh, textOf } from '../support/mesh-in-memory.ts'
import { letTimePass, whileTimePasses } from '../support/time.ts'

const never = new AbortController().signal

async function startMesh(options: MeshOptions = {}) {
  const clock = new ManualClock()
  const script = { tokensPerSecond: 100 }
  const mesh = await startMemoryMesh({ workers: 2, clock, script, ...options })
  return {
    ...mesh,
    clock,
    ask: (more: Partial<Sequence> = {}) => readAll(mesh.infer(sequence(more), never)),
    pause: (workerId: string) => {
      const heartbeat = mesh.view.worker(workerId)?.heartbeat
      const sharing = { state: 'paused', reason: 'on battery', untilMs: null }
      mesh.workers[0]?.bus.publish(subjects.heartbeat, encodeJson({ ...heartbeat, sharing }))
    },
  }
}

/** What `why` would say of it. */
function wayOf(events: readonly InferEvent[]): (string | null)[][] {
  return events.flatMap(event => (event.type === 'accepted' ? [[event.from, event.choice.workerId]] : []))
}

function serversOf(events: readonly InferEvent[]): string[] {
  return events.flatMap(event => (event.type === 'accepted' ? [event.choice.workerId] : []))
}

describe('a stream on a Mac that pauses', () => {
  test('stays there when the only other Mac is full', async () => {
    const { ask, pause, clock } = await startMesh({ maxConcurrent: 2 })
    const streams = [1, 2, 3, 4].map(() => ask({ maxTokens: 400 }))
    await letTimePass(clock, 500)
    pause('worker1')
    const answers = await whileTimePasses(clock, Promise.all(streams))
    expect(answers.map(events => serversOf(events).length)).toEqual([1, 1, 1, 1])
    expect(new Set(answers.map(textOf)).size).toBe(1)
  })

  test('stays there when the only other Mac fails too often', async () => {
    const { ask, pause, choice, clock } = await startMesh()
    for (let i = 0; i < 3; i++) choice.report({ workerId: 'worker2', epoch: 1 }, 'failed')
    const stream = ask({ maxTokens: 100 })
    await letTimePass(clock, 500)
    pause('worker1')
    expect(serversOf(await whileTimePasses(clock, stream))).toEqual(['worker1'])
  })

  test('goes to another one also when prompt and answer so far are too long for one message', async () => {
    const { ask, pause, clock } = await startMesh()
    const stream = ask({ prompt: 'x'.repeat(2 ** 20 - 200), messages: undefined, maxTokens: 300 })
    await letTimePass(clock, 2000)
    pause('worker1')
    const events = await whileTimePasses(clock, stream)
    expect(serversOf(events)).toEqual(['worker1', 'worker2'])
    expect(events.at(-1)).toMatchObject({ type: 'done', totalTokens: 300 })
  })
})

test('an answer whose Mac is killed goes on elsewhere although all others are full', async () => {
  const { ask, workers, clock } = await startMesh({ maxConcurrent: 2 })
  const streams = [1, 2, 3, 4].map(() => ask({ maxTokens: 800 }))
  await letTimePass(clock, 500)
  void workers[0]?.bus.close()
  await letTimePass(clock, 2000)
  await expect(whileTimePasses(clock, ask())).rejects.toMatchObject({ code: 'OVERLOADED' })
  const answers = await whileTimePasses(clock, Promise.all(streams))
  expect(new Set(answers.map(textOf)).size).toBe(1)
})

test('a Mac that goes on with an answer measures its own tokens only', async () => {
  const { ask, pause, view, clock } = await startMesh()
  const stream = ask({ maxTokens: 200 })
  await letTimePass(clock, 1500)
  pause('worker1')
  expect(wayOf(await whileTimePasses(clock, stream))).toEqual([
    [null, 'worker1'],
    ['worker1', 'worker2'],
  ])
  await letTimePass(clock, 1100)
  const speed = view.worker('worker2')?.heartbeat?.metrics.streamTokensPerSecond?.['scripted']
  expect(speed).toBeGreaterThan(90)
  expect(speed).toBeLessThan(110)
})
