import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createMemoryExchange } from '../../main/fabric/memory-bus.ts'
import { receiveAnswers } from '../../main/gateway/incoming-answers.ts'
import { type Answer, decodeAnswer, type RenderedTokens } from '../../main/protocol/answers.ts'
import type { MeshError } from '../../main/protocol/errors.ts'
import type { TokenLogprob } from '../../main/protocol/inference.ts'
import { encodeJson } from '../../main/protocol/json.ts'
import { subjects } from '../../main/protocol/subjects.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { createOutgoingAnswers } from '../../main/worker/outgoing-answers.ts'
import { recordLog } from '../fabric/record-log.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { readAll, sequence, startMemoryMesh } from '../support/mesh-in-memory.ts'
import { letTimePass } from '../support/time.ts'

const never = new AbortController().signal
const secret = 'my secret plan'

test('a request that the worker cannot read ends in an error, and its words stay out of the log', async () => {
  const { log, lines } = recordLog()
  const { infer } = await startMemoryMesh({ log })
  const messages = [{ role: 'user', content: secret }]
  const answer = readAll(infer(sequence({ messages, topK: 0.5 }), never))
  await expect(answer).rejects.toMatchObject({
    code: 'INTERNAL',
    message: expect.stringMatching(/could not read the request/),
  })
  expect(lines).toContainEqual(
    expect.objectContaining({
      level: 'warn',
      fields: { subject: 'worker.worker1.inference', fault: 'topK: invalid_type' },
    }),
  )
  expect(JSON.stringify(lines)).not.toContain(secret)
})

test('an answer that the gateway cannot read ends its request, and its words stay out of the log', async () => {
  const { log, lines } = recordLog()
  const { infer, workers } = await startMemoryMesh({ log, script: { tokensPerSecond: 100 } })
  const answer = readAll(infer(sequence(), never))
  const requestId = 'gateway-1.0'
  workers[0]?.bus.publish(subjects.response(requestId), Buffer.from(secret))
  await expect(answer).rejects.toMatchObject({ code: 'INTERNAL' })
  expect(lines).toContainEqual(
    expect.objectContaining({
      level: 'warn',
      fields: { requestId, fault: expect.stringContaining('malformed') },
    }),
  )
  expect(JSON.stringify(lines)).not.toContain(secret)
  await expect.poll(() => workers[0]?.serving.activeRequests).toBe(0)
})

test('a refusal may quote the prompt, so the log has only its code', async () => {
  const { log, lines } = recordLog()
  const { infer } = await startMemoryMesh({ log })
  const answer = readAll(infer(sequence({ messages: [] }), never))
  await expect(answer).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
  const refusals = lines.filter(line => line.message === 'a request ended early')
  expect(refusals.map(line => Object.keys(line.fields))).toEqual([['requestId', 'modelId', 'code', 'param']])
})

test('an answer too long for a message ends in an error instead of a gap', async () => {
  const bus = createMemoryExchange().join()
  const heard: (Answer | RenderedTokens)[] = []
  bus.subscribe('response.>', message => heard.push(decodeAnswer(message.data)))
  let givenUp: MeshError | null = null
  const answers = createOutgoingAnswers({
    requestId: 'gateway.0',
    render: undefined,
    deliveredTokens: 0,
    publish: data => bus.publish(subjects.response('gateway.0'), data),
    atTurnEnd: run => void setImmediate(run),
    giveUp: reason => {
      givenUp = reason
    },
  })
  answers.started(1, 0)
  const logprobs: TokenLogprob[] = [['x'.repeat(2 << 20), [], -1, []]]
  answers.tokens({ text: 'a', pieces: null, ids: [1], logprobs })
  answers.tokens({ text: 'b', pieces: null, ids: [2], logprobs: null })
  await nextTurn()
  answers.end({ type: 'error', error: 'given up', code: 'INTERNAL', param: null, retryAfterMs: null })
  await bus.flush(1000)
  expect(heard.map(({ seq, type }) => [seq, type])).toEqual([
    [0, 'started'],
    [1, 'error'],
  ])
  expect(heard[1]).toMatchObject({ code: 'INTERNAL', error: expect.stringMatching(/too long/) })
  expect(givenUp).toMatchObject({ code: 'INTERNAL' })
})

test('a worker that answers questions but never takes the request is given up', async () => {
  const clock = new ManualClock()
  const exchange = createMemoryExchange({ clock })
  const worker = exchange.join()
  let asked = 0
  worker.subscribe(subjects.inference('worker1'), () => asked++)
  worker.subscribe(subjects.acknowledge('worker1'), message => message.respond(encodeJson({ requests: {} })))
  const answers = receiveAnswers({ gatewayId: 'gateway', bus: exchange.join(), clock, log: silentLog })
  const lost = Promise.withResolvers<MeshError>()
  answers.send('worker1', sequence(), {
    waiting: 0,
    onAnswer: () => {},
    onLost: lost.resolve,
    onLeaving: () => {},
  })
  await letTimePass(clock, 10_000)
  expect(asked).toBe(5)
  expect(answers.activeOn('worker1')).toBe(0)
  expect(await lost.promise).toMatchObject({ code: 'WORKER_LOST' })
})
