import { expect, test } from 'vitest'
import { ManualClock } from '../support/manual-clock.ts'
import { sequence, startMemoryMesh } from '../support/mesh-in-memory.ts'
import { letTimePass } from '../support/time.ts'

async function startAnswer() {
  const clock = new ManualClock()
  const mesh = await startMemoryMesh({ clock, script: { tokensPerSecond: 10, answerTokens: 4000 } })
  const client = new AbortController()
  const events = mesh.infer(sequence(), client.signal)
  await events[Symbol.asyncIterator]().next()
  return { ...mesh, clock, client, activeRequests: () => mesh.workers[0]?.serving.activeRequests }
}

test('an answer whose gateway has vanished without a word is given up', async () => {
  const { clock, gatewayBus, activeRequests } = await startAnswer()
  gatewayBus.interrupt()
  await letTimePass(clock, 14_000)
  expect(activeRequests()).toBe(1)
  await letTimePass(clock, 7_000)
  expect(activeRequests()).toBe(0)
})

test('an answer is not given up because a clock was set back while its client read nothing', async () => {
  const { clock, activeRequests } = await startAnswer()
  await letTimePass(clock, 1000)
  clock.setBack(25_000)
  await letTimePass(clock, 24_000)
  expect(activeRequests()).toBe(1)
})

test('an answer whose cancellation was lost is given up', async () => {
  const { clock, client, workers, activeRequests } = await startAnswer()
  workers[0]?.bus.interrupt() // what is sent to the worker now is lost
  client.abort()
  await letTimePass(clock, 100)
  workers[0]?.bus.reconnect()
  await letTimePass(clock, 1000)
  expect(activeRequests()).toBe(1)
  await letTimePass(clock, 20_000)
  expect(activeRequests()).toBe(0)
})
