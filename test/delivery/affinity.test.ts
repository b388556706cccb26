// Where requests go in a mesh of real workers: what they say of themselves, heard by the gateway.
import { describe, expect, test } from 'vitest'
import { createWorkerChoice } from '../../main/gateway/choose-worker.ts'
import type { InferEvent } from '../../main/gateway/infer.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { readAll, sequence, startMemoryMesh, textOf } from '../support/mesh-in-memory.ts'
import { defaultPolicy } from '../support/routing.ts'
import { letTimePass, whileTimePasses } from '../support/time.ts'

const never = new AbortController().signal
const heartbeatMs = 1100
const question = { role: 'user', content: 'Which rivers meet at Passau, and which of them is the longest?' }

async function startMesh() {
  const clock = new ManualClock()
  const script = { tokensPerSecond: 100, answerTokens: 20 }
  const mesh = await startMemoryMesh({ workers: 3, clock, script })
  const ask = (more: Parameters<typeof sequence>[0], signal = never) =>
    whileTimePasses(clock, readAll(mesh.infer(sequence(more), signal)))
  /** As if it were the gateway of another Mac, which knows what the workers say and nothing else. */
  const elsewhere = createWorkerChoice({
    view: mesh.view,
    activeOn: () => 0,
    policy: defaultPolicy,
    selfId: 'elsewhere',
    clock,
    log: silentLog,
  })
  return { ...mesh, clock, ask, elsewhere }
}

function workerOf(events: readonly InferEvent[]): string | undefined {
  return events.flatMap(event => (event.type === 'accepted' ? [event.choice.workerId] : []))[0]
}

describe('a follow-up', () => {
  test('goes to the Mac that has the conversation in its cache, from every gateway', async () => {
    const { ask, infer, elsewhere, clock } = await startMesh()
    // Two that take long keep worker1 and worker2 busy while the conversation begins.
    const busy = new AbortController()
    const long = [1, 2].map(() => readAll(infer(sequence({ maxTokens: 4000 }), busy.signal)).catch(() => []))
    await letTimePass(clock, 100)
    const first = await ask({ messages: [question] })
    expect(workerOf(first)).toBe('worker3')
    busy.abort()
    await Promise.all(long)
    await letTimePass(clock, heartbeatMs)

    const followUpOf = (answer: string) => [
      question,
      { role: 'assistant', content: answer },
      { role: 'user', content: 'Why?' },
    ]
    const followUp = followUpOf(textOf(first))
    const choice = elsewhere.choose(sequence({ messages: followUp }), new Set())
    expect(choice.workerId).toBe('worker3')
    expect(choice.scores.map(({ prefix }) => prefix > 0)).toEqual([false, false, true])
    const corrected = elsewhere.choose(
      sequence({ messages: followUpOf(textOf(first).toUpperCase()) }),
      new Set(),
    )
    expect(corrected.scores[2]?.prefix).toBeLessThan(choice.scores[2]?.prefix ?? 0)
    expect(elsewhere.choose(sequence(), new Set()).workerId).not.toBe('worker3')
    expect(workerOf(await ask({ messages: followUp }))).toBe('worker3')
  })

  test('goes there at once from the gateway that has just sent the conversation', async () => {
    const { ask, choice } = await startMesh()
    choice.choose(sequence({ messages: [question] }), new Set(['worker1', 'worker2']))
    expect(workerOf(await ask({ messages: [question, question, question] }))).toBe('worker3')
  })
})

test('workers measure how fast a stream is', async () => {
  const { ask, view, clock } = await startMesh()
  for (let turn = 0; turn < 8; turn++) await ask({ sessionId: 'one after the other' })
  await letTimePass(clock, heartbeatMs)
  const speed = view.worker('worker1')?.heartbeat?.metrics.streamTokensPerSecond?.['scripted']
  expect(speed).toBeGreaterThan(90)
  expect(speed).toBeLessThan(110)
})

test('workers measure how fast one stream is, whatever number of them they have', async () => {
  const { infer, view, clock } = await startMesh()
  const streams = Array.from({ length: 6 }, () => readAll(infer(sequence(), never)))
  await whileTimePasses(clock, Promise.all(streams))
  await letTimePass(clock, heartbeatMs)
  const speeds = view.workers().map(({ heartbeat }) => heartbeat?.metrics.streamTokensPerSecond?.['scripted'])
  // Scripted streams do not slow each other down: what two had is reckoned as a little more for one.
  for (const speed of speeds) expect(speed).toBeGreaterThan(90)
  for (const speed of speeds) expect(speed).toBeLessThan(150)
})
