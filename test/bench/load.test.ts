import { afterEach, expect, test } from 'vitest'
import type { LoadPlan } from '../../bench/load/plan.ts'
import { runLoad } from '../../bench/load/run-load.ts'
import { stampToken } from '../../bench/load/stamp.ts'
import { chunked, startScriptedServer, streamEnd, streamHead, tokenEvent } from './scripted-server.ts'

let server: Awaited<ReturnType<typeof startScriptedServer>> | null = null
afterEach(() => server?.close())

async function load(answer: readonly string[], changes: Partial<LoadPlan> = {}, options = {}) {
  server = await startScriptedServer(answer, options)
  return runLoad({
    url: server.url,
    bodies: ['{"stream":true}'],
    streaming: true,
    connections: 1,
    pace: { type: 'closed' },
    stop: { type: 'count', requests: 1, withinMs: 5_000 },
    expectTokens: 3,
    drainMs: 1_000,
    watchPid: null,
    ...changes,
  })
}

const tokens = ['one ', 'two ', 'three ']
const wholeStream = [streamHead, ...tokens.map(token => chunked(tokenEvent(token))), streamEnd]

test('every token of every stream is counted, over kept connections', async () => {
  const result = await load(wholeStream, {
    connections: 2,
    stop: { type: 'count', requests: 6, withinMs: 5_000 },
  })
  expect(result.errors).toEqual({})
  expect(result).toMatchObject({ requests: 6, tokens: 18, lostTokens: 0 })
  expect(result.tokenGap?.count).toBe(12)
})

test('tokens are found wherever the network cuts the bytes', async () => {
  const bytes = wholeStream.join('')
  const result = await load(bytes.match(/[\s\S]{1,3}/g) ?? [], {}, { pieceMs: 0 })
  expect(result.errors).toEqual({})
  expect(result).toMatchObject({ tokens: 3, lostTokens: 0 })
})

test('a token that travels with others is counted like one alone', async () => {
  const result = await load([
    streamHead,
    chunked(tokenEvent('one two ')),
    chunked(tokenEvent('three ')),
    streamEnd,
  ])
  expect(result).toMatchObject({ tokens: 3, lostTokens: 0 })
})

test('a missing token is lost', async () => {
  const result = await load([
    streamHead,
    chunked(tokenEvent('one ')),
    chunked(tokenEvent('three ')),
    streamEnd,
  ])
  expect(result).toMatchObject({ tokens: 2, lostTokens: 1 })
})

test('stamped tokens out of order are an error, and their time on the way is known', async () => {
  const events = [0, 2, 1].map(serial => chunked(tokenEvent(stampToken(serial))))
  const result = await load([streamHead, ...events, streamEnd])
  expect(result.errors).toEqual({ 'token 2 came in place of 1': 1 })
  expect(result.tokenTransit?.count).toBe(3)
})

test('an answer may end with its connection, as in HTTP/1.0', async () => {
  const head = 'HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\n\r\n'
  const answer = [head, tokenEvent('one '), tokenEvent('two three '), 'data: [DONE]\n\n']
  const result = await load(
    answer,
    { stop: { type: 'count', requests: 2, withinMs: 2_000 } },
    { closes: true },
  )
  expect(result.errors).toEqual({})
  expect(result).toMatchObject({ requests: 2, tokens: 6 })
})

test('a stream that ends without [DONE] is an error', async () => {
  const result = await load([streamHead, chunked(tokenEvent('one two three ')), '0\r\n\r\n'])
  expect(result.errors).toEqual({ 'the stream ended without [DONE]': 1 })
})

test('an error inside of a stream is an error of the request', async () => {
  const event = `data: ${JSON.stringify({ error: { message: 'the worker is gone' } })}\n\n`
  const result = await load([streamHead, chunked(event), streamEnd])
  expect(result.errors).toEqual({ 'the worker is gone': 1 })
})

test('a refusal is counted by what it says', async () => {
  const result = await load(['HTTP/1.1 503 Busy\r\ncontent-length: 4\r\n\r\nfull'])
  expect(result.errors).toEqual({ 'HTTP 503 full': 1 })
})

test('an answer that does not come is an error in bounded time', async () => {
  const result = await load([streamHead], { stop: { type: 'count', requests: 1, withinMs: 200 } })
  expect(result).toMatchObject({ errors: { 'no answer in time': 1 }, lostTokens: 3 })
})

test('an answer that never ends is an error, also when it began while warming up', async () => {
  const result = await load([streamHead], {
    stop: { type: 'time', warmupMs: 100, measureMs: 100 },
    drainMs: 50,
  })
  expect(result.errors).toEqual({ 'no answer in time': 1 })
  expect(result.lostTokens).toBe(3)
})

test('usage says how many tokens there were when texts are not one to one', async () => {
  const usage = `data: ${JSON.stringify({ choices: [], usage: { completion_tokens: 7 } })}\n\n`
  const result = await load([streamHead, chunked(tokenEvent('a')), chunked(usage), streamEnd], {
    expectTokens: null,
  })
  expect(result.tokens).toBe(7)
})

test('in an open loop one stall counts for every request that it delays', async () => {
  const result = await load(
    ['HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'],
    {
      streaming: false,
      expectTokens: null,
      pace: { type: 'open', requestsPerS: 100 },
      stop: { type: 'time', warmupMs: 0, measureMs: 500 },
    },
    { firstAnswerMs: 300 },
  )
  expect(result.requests).toBe(50)
  expect(result.errors).toEqual({})
  // The first answer takes 300 ms, the one due 10 ms later 290 ms, and so on: some 30 of 50 waited.
  expect(result.latency?.p50).toBeGreaterThan(40_000)
  expect(result.latency?.max).toBeGreaterThan(290_000)
})
