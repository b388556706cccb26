import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createMemoryExchange } from '../../main/fabric/memory-bus.ts'
import { decodeJson } from '../../main/protocol/json.ts'
import { modelReadRequest } from '../../main/protocol/model-files.ts'
import { makePart, makeRefusal } from '../../main/protocol/parts.ts'
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
  const folder = makeTempFolder()
  const progress: number[] = []
  const take = () =>
    takeModel({
      offer,
      givers,
      folder,
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
  const taken = () => readFileSync(join(folder, 'model.safetensors'))
  return { clock, abort, progress, take, taken, addGiver }
}

test('a copy that nobody gives any more is given up after 24 seconds, with the reason', async () => {
  const { clock, take, addGiver } = openTake(['one'])
  const askedAtMs: number[] = []
  addGiver('one', () => {
    askedAtMs.push(clock.now())
    return makeRefusal('my disk is broken')
  })
  await expect(whileTimePasses(clock, take())).rejects.toMatchObject({
    code: 'MODEL_LOAD_FAILED',
    message: expect.stringMatching(/^No Mac that has the model gives any more of it: my disk is broken/),
  })
  // Between the first question and the last: how long the disk takes around them is not this clock's.
  const triedMs = (askedAtMs.at(-1) ?? 0) - (askedAtMs[0] ?? 0)
  expect(triedMs).toBeGreaterThanOrEqual(23_750)
  expect(triedMs).toBeLessThan(25_000)
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
  const { take, taken, addGiver } = openTake(['one', 'two'])
  addGiver('one', (_, length) => makePart(length - 1))
  addGiver('two', (_, length) => makePart(length).fill(7, 1))
  await take()
  expect(taken().equals(Buffer.alloc(sizeBytes, 7))).toBe(true)
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

test('giving a copy up takes no time while it waits for a part', async () => {
  const { abort, take, addGiver } = openTake(['silent'])
  addGiver('silent', () => {
    abort.abort(new Error('not wanted'))
    return null
  })
  await expect(take()).rejects.toThrow('not wanted')
})

test('giving a copy up takes no time while it waits for a Mac to come back', async () => {
  const { clock, abort, take } = openTake(['missing'])
  const after = clock.after.bind(clock)
  clock.after = (delayMs, run) => {
    if (delayMs === 250) queueMicrotask(() => abort.abort(new Error('not wanted')))
    return after(delayMs, run)
  }
  await expect(take()).rejects.toThrow('not wanted')
})
