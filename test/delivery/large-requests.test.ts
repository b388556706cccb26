import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Bus, type BusMessage, maxMessageBytes } from '../../main/fabric/bus.ts'
import { createMemoryExchange } from '../../main/fabric/memory-bus.ts'
import { receiveAnswers } from '../../main/gateway/incoming-answers.ts'
import { decodeAnswer } from '../../main/protocol/answers.ts'
import { encodeJson } from '../../main/protocol/json.ts'
import { partBytes } from '../../main/protocol/parts.ts'
import { subjects } from '../../main/protocol/subjects.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { openNatsFabric } from '../fabric/fabrics.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { readAll, sequence, startMemoryMesh, startMesh, textOf } from '../support/mesh-in-memory.ts'
import { letTimePass, whileTimePasses } from '../support/time.ts'

const never = new AbortController().signal

/** One word, whose number in the scripted model follows from each of its characters and their order. */
function longWord(bytes: number): string {
  let word = ''
  for (let n = 0; word.length < bytes; n++) word += n.toString(36)
  return word.slice(0, bytes)
}

const large = sequence({
  messages: [{ role: 'user', content: longWord(15_000_000) }],
  maxTokens: 20,
})

/** What a worker answers that was given the request in one piece. */
async function reference(asked = large): Promise<string> {
  const { workers } = await startMemoryMesh()
  let text = ''
  for await (const event of workers[0]?.model.generate(asked) ?? [])
    if (event.type === 'tokens') text += event.text
  expect(text).not.toBe('')
  return text
}

/** Calls back with each part that is asked for, and its number. */
function watchParts(bus: Bus, onPart: (count: number, message: BusMessage) => void): void {
  let count = 0
  bus.subscribe('body.>', message => onPart(++count, message))
}

describe('a request of 15 MB', () => {
  test('is answered as if it had come in one piece, and no message is longer than a part', async () => {
    const { infer, gatewayBus } = await startMemoryMesh()
    let longest = 0
    gatewayBus.subscribe('>', ({ data }) => {
      longest = Math.max(longest, data.length)
    })
    const events = await readAll(infer(large, never))
    expect(textOf(events)).toBe(await reference())
    expect(longest).toBe(1 + partBytes)
  })

  test('is answered over a real nats-server', async () => {
    const fabric = await openNatsFabric()
    onTestFinished(() => fabric.close())
    const { infer } = await startMesh(fabric.join)
    expect(textOf(await readAll(infer(large, never)))).toBe(await reference())
  })

  test('lets the tokens of others pass: of each stream one comes between a few parts', async () => {
    const clock = new ManualClock()
    const { infer, gatewayBus } = await startMemoryMesh({ clock, script: { tokensPerSecond: 1000 } })
    const streams = Array.from({ length: 4 }, () => readAll(infer(sequence({ maxTokens: 4000 }), never)))
    const partsBetween = new Map<string, number>()
    let most = 0
    gatewayBus.subscribe('response.>', ({ subject }) => partsBetween.set(subject, 0))
    await letTimePass(clock, 50)
    const subjectsOfOthers = [...partsBetween.keys()]
    watchParts(gatewayBus, () => {
      for (const subject of subjectsOfOthers) {
        const parts = (partsBetween.get(subject) ?? 0) + 1
        partsBetween.set(subject, parts)
        most = Math.max(most, parts)
      }
    })
    let arrived = false
    const answer = readAll(infer({ ...large, maxTokens: 1 }, never)).then(events => {
      arrived = true
      return events
    })
    while (!arrived) {
      clock.advance(1)
      await nextTurn()
    }
    expect((await answer).at(-1)).toMatchObject({ type: 'done' })
    expect(subjectsOfOthers).toHaveLength(4)
    expect(most).toBeGreaterThan(0)
    expect(most).toBeLessThanOrEqual(8)
    await whileTimePasses(clock, Promise.all(streams))
  })

  test('goes to another Mac when the first is lost while it comes', async () => {
    const { infer, gatewayBus, workers } = await startMemoryMesh({ workers: 2 })
    const asked: string[] = []
    gatewayBus.subscribe('worker.*.large', ({ subject }) => asked.push(subject))
    watchParts(gatewayBus, count => {
      if (count === 20) workers[0]?.bus.interrupt()
    })
    const events = await readAll(infer(large, never))
    expect(asked).toEqual(['worker.worker1.large', 'worker.worker2.large'])
    expect(textOf(events)).toBe(await reference())
  })

  test.each(['worker', 'gateway'])(
    'arrives whole when the connection of the %s breaks while it comes',
    async end => {
      const clock = new ManualClock()
      const { infer, gatewayBus, workers } = await startMemoryMesh({ clock })
      const bus = end === 'gateway' ? gatewayBus : workers[0]?.bus
      watchParts(gatewayBus, count => {
        if (count % 40 !== 0 || !bus?.connected) return
        bus.interrupt()
        clock.after(30, () => bus.reconnect())
      })
      const events = await whileTimePasses(clock, readAll(infer(large, never)))
      expect(textOf(events)).toBe(await reference())
    },
  )

  test('is given up by the worker at once when its client leaves while it comes', async () => {
    const { infer, gatewayBus, workers } = await startMemoryMesh()
    const client = new AbortController()
    let parts = 0
    watchParts(gatewayBus, count => {
      parts = count
      if (count === 20) client.abort()
    })
    await expect(readAll(infer(large, client.signal))).rejects.toMatchObject({ code: 'CANCELLED' })
    await expect.poll(() => workers[0]?.serving.activeRequests).toBe(0)
    expect(parts).toBeLessThan(30)
  })

  test('is given up by the worker within seconds when its gateway is gone', async () => {
    const clock = new ManualClock()
    const { infer, gatewayBus, workers } = await startMemoryMesh({ clock })
    watchParts(gatewayBus, count => {
      if (count === 20) gatewayBus.interrupt()
    })
    readAll(infer(large, never)).catch(() => {})
    await letTimePass(clock, 100)
    expect(workers[0]?.serving.activeRequests).toBe(1)
    await letTimePass(clock, 10_000)
    expect(workers[0]?.serving.activeRequests).toBe(0)
  })

  test('is in hand, and waits, while it comes', async () => {
    const { gatewayBus, workers } = await startMemoryMesh()
    announce(gatewayBus, 'other-1.0')
    await gatewayBus.flush(1000)
    expect(workers[0]?.serving).toMatchObject({ activeRequests: 1, queuedRequests: 1 })
    const probe = encodeJson({ taken: { 'other-1.0': 0 } })
    const answer = await gatewayBus.request(subjects.acknowledge('worker1'), probe, 1000)
    expect(JSON.parse(Buffer.from(answer).toString())).toEqual({ requests: { 'other-1.0': 'arriving' } })
  })
})

/** As a gateway that then gives no part. */
function announce(bus: Bus, requestId: string): void {
  const request = { requestId, sizeBytes: 20 << 20, deliveredTokens: 0 }
  bus.publish(subjects.largeInference('worker1'), encodeJson(request), subjects.response(requestId))
}

describe('many large requests at once', () => {
  test('are refused by a worker beyond 64 MiB, until one of them has ended', async () => {
    const { gatewayBus } = await startMemoryMesh()
    gatewayBus.subscribe('body.>', () => {}) // never answered
    const heard: string[] = []
    gatewayBus.subscribe('response.other-1.*', ({ subject, data }) =>
      heard.push(`${subject.at(-1)} ${decodeAnswer(data).type}`),
    )
    const settle = async () => {
      for (let turn = 0; turn < 5; turn++) await nextTurn()
    }
    for (const serial of [0, 1, 2, 3]) announce(gatewayBus, `other-1.${serial}`)
    await settle()
    expect(heard.sort()).toEqual(['0 accepted', '1 accepted', '2 accepted', '3 busy'])
    gatewayBus.publish(subjects.cancel('worker1'), encodeJson({ requestId: 'other-1.1' }))
    await settle()
    announce(gatewayBus, 'other-1.4')
    await settle()
    expect(heard.at(-1)).toBe('4 accepted')
  })

  test('are refused by a gateway beyond 256 MiB, until one of them has ended', () => {
    const answers = receiveAnswers({
      gatewayId: 'gateway',
      bus: createMemoryExchange().join(),
      clock: new ManualClock(),
      log: silentLog,
    })
    const listener = { waiting: 0, onAnswer: () => {}, onLost: () => {}, onLeaving: () => {} }
    const asked = sequence({ prompt: 'x'.repeat(20_000_000) })
    const send = () => answers.send('worker1', asked, listener)
    const inHand = Array.from({ length: 13 }, send)
    expect(send).toThrow(/too many large requests in hand/)
    answers.send('worker1', sequence(), listener)
    inHand[5]?.close(true)
    send()
  })
})

test('an answer whose tokens make its request longer than a message goes on elsewhere', async () => {
  const content = longWord(maxMessageBytes - 300)
  const asked = sequence({ messages: [{ role: 'user', content }], maxTokens: 200 })
  const { infer, gatewayBus } = await startMemoryMesh({
    workers: 2,
    scriptOf: workerId => ({
      tokensPerSecond: 1000,
      crashAfterTokens: workerId === 'worker1' ? 100 : null,
    }),
  })
  const subjectsAsked: string[] = []
  for (const kind of ['inference', 'large'])
    gatewayBus.subscribe(`worker.*.${kind}`, ({ subject }) => subjectsAsked.push(subject))
  const events = await readAll(infer(asked, never))
  expect(subjectsAsked).toEqual(['worker.worker1.inference', 'worker.worker2.large'])
  expect(textOf(events)).toBe(await reference(asked))
})

test('a large request that the worker cannot read ends in an error', async () => {
  const { infer } = await startMemoryMesh()
  const answer = readAll(infer({ ...large, topK: 0.5 }, never))
  await expect(answer).rejects.toMatchObject({
    code: 'INTERNAL',
    message: expect.stringMatching(/could not read the request/),
  })
})
