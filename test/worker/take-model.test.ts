import { expect, test } from 'vitest'
import { createMemoryExchange } from '../../main/fabric/memory-bus.ts'
import { decodeJson } from '../../main/protocol/json.ts'
import { makePart, makeRefusal, modelReadRequest } from '../../main/protocol/model-files.ts'
import { subjects } from '../../main/protocol/subjects.ts'
import { takeModel } from '../../main/worker/take-model.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { makeTempFolder } from '../support/temp-folder.ts'
import { whileTimePasses } from '../support/time.ts'

const sizeBytes = 1_000_000

function openTake(givers: readonly string[]) {
  const clock = new ManualClock()
  const exchange = createMemoryExchange({ clock })
  const abort = new AbortController()
  const offer = {
    modelId: 'tiny',
    fingerprint: 'f',
    sizeBytes,
    contextTokens: 5,
    files: [{ name: 'model.safetensors', sizeBytes }],
  }
  const progress: number[] = []
  const take = () =>
    takeModel({
      offer,
      givers,
      folder: makeTempFolder(),
      bus: exchange.join(),
      clock,
      signal: abort.signal,
      onBytes: bytes => progress.push(bytes),
    })
  /** A Mac that answers each read as told. */
  const addGiver = (workerId: string, answer: (offset: number, length: number) => Uint8Array | null) => {
    const bus = exchange.join()
    bus.subscribe(subjects.modelRead(workerId), message => {
      const { offset, length } = modelReadRequest.parse(decodeJson(message.data))
      const data = answer(offset, length)
      if (data) message.respond(data)
    })
  }
  return { clock, abort, progress, take, addGiver }
}

test('a copy that nobody gives any more is given up after 24 seconds, with the reason', async () => {
  const { clock, take } = openTake(['one', 'two'])
  const beganMs = clock.now()
  await expect(whileTimePasses(clock, take())).rejects.toMatchObject({
    code: 'MODEL_LOAD_FAILED',
    message: expect.stringMatching(/^No Mac that has the model gives any more of it: Nobody in the mesh/),
  })
  expect(clock.now() - beganMs).toBeGreaterThan(23_000)
  expect(clock.now() - beganMs).toBeLessThan(26_000)
})

test('a Mac that refuses is left for the next one at once', async () => {
  const { take, progress, addGiver } = openTake(['one', 'two'])
  addGiver('one', offset => (offset < 300_000 ? makePart(131_072) : makeRefusal('my disk is broken')))
  addGiver('two', (_, length) => makePart(length))
  await take() // while time stands still
  expect(progress.at(-1)).toBe(sizeBytes)
  expect(progress).toEqual([...progress].sort((a, b) => a - b))
})

test('a part of another length than was asked for is not taken', async () => {
  const { take, progress, addGiver } = openTake(['one', 'two'])
  addGiver('one', (_, length) => makePart(length - 1))
  addGiver('two', (_, length) => makePart(length))
  await take()
  expect(progress.at(-1)).toBe(sizeBytes)
})

test('a Mac that never answers is left after 5 seconds', async () => {
  const { clock, take, addGiver } = openTake(['one', 'two'])
  const { promise: asked, resolve } = Promise.withResolvers<void>()
  addGiver('one', offset => {
    if (offset > 0) resolve()
    return null
  })
  addGiver('two', (_, length) => makePart(length))
  const taking = take()
  await asked
  clock.advance(5000)
  await taking
})

test('giving a copy up takes no time, whether it waits for a part or for a Mac', async () => {
  for (const giver of ['silent', 'missing']) {
    const { abort, take, addGiver } = openTake([giver])
    addGiver('silent', () => null)
    const taking = take()
    setImmediate(() => abort.abort(new Error('not wanted')))
    await expect(taking).rejects.toThrow('not wanted')
  }
})
