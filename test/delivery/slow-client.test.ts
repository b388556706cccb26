import { expect, test } from 'vitest'
import type { InferEvent } from '../../main/gateway/infer.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { readAll, sequence, startMemoryMesh, textOf } from '../support/mesh-in-memory.ts'
import { letTimePass, whileTimePasses } from '../support/time.ts'

const never = new AbortController().signal

/** A client that asks for an answer and reads nothing of it until `rest`. */
async function startSlowClient(tokensPerSecond: number, maxTokens: number) {
  const clock = new ManualClock()
  const mesh = await startMemoryMesh({ clock, script: { tokensPerSecond } })
  let sent = 0
  mesh.gatewayBus.subscribe('response.>', () => sent++)
  const events = mesh.infer(sequence({ maxTokens }), never)
  return {
    ...mesh,
    clock,
    sent: () => sent,
    async rest(): Promise<InferEvent[]> {
      return whileTimePasses(clock, readAll(events))
    },
  }
}

test('what a client does not read waits at the worker, however often the worker is asked about it', async () => {
  const client = await startSlowClient(100, 1000)
  await letTimePass(client.clock, 4000)
  const sentUntilFull = client.sent()
  expect(sentUntilFull).toBeLessThan(300)
  await letTimePass(client.clock, 10_000)
  expect(client.sent()).toBe(sentUntilFull)
  const events = await client.rest()
  expect(textOf(events).split(' ')).toHaveLength(1001)
  expect(events.at(-1)).toMatchObject({ type: 'done', totalTokens: 1000 })
})

test('the end of an answer is kept for as long as its client may stall', async () => {
  const client = await startSlowClient(100, 1000)
  await letTimePass(client.clock, 55_000)
  expect(client.workers[0]?.serving.activeRequests).toBe(0)
  expect((await client.rest()).at(-1)).toMatchObject({ type: 'done', totalTokens: 1000 })
})

test('a slow answer that its client does not read yet is not mistaken for one that nobody wants', async () => {
  const client = await startSlowClient(5, 200)
  await letTimePass(client.clock, 35_000)
  expect(client.workers[0]?.serving.activeRequests).toBe(1)
  expect((await client.rest()).at(-1)).toMatchObject({ type: 'done', totalTokens: 200 })
})
