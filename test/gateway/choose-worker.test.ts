import { describe, expect, test } from 'vitest'
import { prefixesOf } from '../../main/protocol/prefixes.ts'
import { laptop } from '../support/mesh-in-memory.ts'
import { defaultPolicy } from '../support/routing.ts'
import { hearMacs } from './support/heard-macs.ts'

const studio = { priority: 100 }

describe('a Mac whose sharing is paused', () => {
  test('takes nothing of others, and says so when it is the only one that has the model', async () => {
    const { say, choose } = hearMacs()
    await say('a', { sharing: 'paused' })
    expect(() => choose()).toThrow('No Mac that has scripted shares its GPU right now: a.local is paused.')
    await say('b', { metrics: { activeRequests: 9 } })
    expect(choose()).toBe('b')
  })

  test('serves its own gateway when nobody else can', async () => {
    const { say, choose } = hearMacs()
    await say('own', { sharing: 'paused', registration: studio })
    expect(choose()).toBe('own')
    await say('b')
    expect(choose()).toBe('b')
    expect(choose({}, ['b'])).toBe('own')
  })

  test('takes nothing at all when it leaves', async () => {
    const { say, choose } = hearMacs()
    await say('own', { sharing: 'leaving' })
    expect(() => choose()).toThrow(expect.objectContaining({ code: 'NO_WORKER' }))
  })
})

describe('between two heartbeats', () => {
  test('what this gateway sends and what ends counts, so that a burst does not go to one Mac alone', async () => {
    const { say, choose, underWay } = hearMacs()
    underWay.set('a', 21).set('b', 19)
    await say('a', { metrics: { activeRequests: 21, queuedRequests: 5 } })
    await say('b', { metrics: { activeRequests: 19, queuedRequests: 3 } })
    expect(choose()).toBe('b')
    underWay.set('a', 5)
    let sent = 0
    const send = (): string => {
      const chosen = choose({ prompt: `${sent++}` })
      underWay.set(chosen, (underWay.get(chosen) ?? 0) + 1)
      return chosen
    }
    expect(Array.from({ length: 14 }, send)).toEqual(Array.from({ length: 14 }, () => 'a'))
    const more = new Set(Array.from({ length: 6 }, send))
    expect([...more].sort()).toEqual(['a', 'b'])
  })
})

describe('a conversation', () => {
  test('stays on its Mac, moves when that one cannot go on, and stays where it went', async () => {
    const { say, choose } = hearMacs()
    const chat = { sessionId: 'chat' }
    await say('a')
    expect(choose(chat)).toBe('a')
    await say('b', { registration: studio })
    expect(choose()).toBe('b')
    expect(choose(chat)).toBe('a')
    await say('a', { sharing: 'paused' })
    expect(choose(chat)).toBe('b')
    await say('a', { registration: { priority: 100, hardware: { ...laptop, unifiedMemoryGB: 512 } } })
    expect(choose()).toBe('a')
    expect(choose(chat)).toBe('b')
    expect(choose(chat, ['b'])).toBe('a')
    expect(choose(chat)).toBe('a')
  })

  test('is free again when nothing is heard of it for its time to live, unless sessions are off', async () => {
    const { say, choose, clock } = hearMacs({ sessionTtlMs: 60_000 })
    const chat = { sessionId: 'chat' }
    await say('a')
    choose(chat)
    await say('b', { registration: studio })
    clock.advance(59_000)
    expect(choose(chat)).toBe('a')
    clock.advance(61_000)
    expect(choose(chat)).toBe('b')
    const loose = hearMacs({ sessionTtlMs: null })
    await loose.say('a')
    loose.choose(chat)
    await loose.say('b', { registration: studio })
    expect(loose.choose(chat)).toBe('b')
  })

  test('says that it was why', async () => {
    const { say, choice } = hearMacs()
    await say('a')
    const sequence = { modelId: 'scripted', sessionId: 'chat' }
    expect(choice.choose(sequence, new Set()).strategy).toBe('hardware_aware')
    expect(choice.choose(sequence, new Set()).strategy).toBe('session')
  })
})

describe('a Mac that fails', () => {
  const bad = { workerId: 'bad', epoch: 1 }

  test('is avoided for a minute, then tried with one request', async () => {
    const { say, choose, choice, clock } = hearMacs()
    await say('a')
    await say('bad', { registration: studio })
    expect(choose()).toBe('bad')
    for (let i = 0; i < 3; i++) choice.report(bad, 'lost')
    expect(() => choose({}, ['a'])).toThrow('answers') // it was lost, and nothing has been heard of it since
    clock.advance(1)
    await say('bad', { registration: studio })
    expect(choose()).toBe('a')
    expect(choose({}, ['a'])).toBe('bad')
    clock.advance(60_000)
    expect([choose(), choose()]).toEqual(['bad', 'a'])
    choice.report(bad, 'answered')
    expect(choose()).toBe('bad')
  })

  test('is trusted again when it has started anew', async () => {
    const { say, choose, choice } = hearMacs()
    await say('a')
    await say('bad', { registration: studio })
    for (let i = 0; i < 3; i++) choice.report(bad, 'failed')
    expect(choose()).toBe('a')
    await say('bad', { registration: { ...studio, epoch: 2 } })
    expect(choose()).toBe('bad')
  })

  test('is not blamed, when it has started anew, for what its last run has lost', async () => {
    const { say, choose, choice } = hearMacs()
    await say('a')
    await say('bad', { registration: { ...studio, epoch: 2 } })
    choice.report({ ...bad, epoch: 2 }, 'answered')
    for (let i = 0; i < 3; i++) choice.report(bad, 'lost')
    expect(choose()).toBe('bad')
  })
})

describe('the figures of a heartbeat', () => {
  const asked = { messages: [{ role: 'user', content: 'Tell me about Ulm. '.repeat(100) }] }

  test('say where the beginning of a request is', async () => {
    const { say, choose } = hearMacs()
    await say('a')
    await say('b', { prefixes: prefixesOf('scripted', asked).map(({ hash }) => hash) })
    expect(choose()).toBe('a')
    expect(choose(asked)).toBe('b')
  })

  test('are ahead of themselves where this gateway has just sent the beginning', async () => {
    const { say, choose, clock } = hearMacs()
    await say('a')
    await say('b')
    expect(choose(asked, ['a'])).toBe('b')
    const followUp = {
      messages: [...asked.messages, { role: 'assistant', content: 'No.' }, ...asked.messages],
    }
    expect(choose(followUp)).toBe('b')
    clock.advance(61_000)
    expect(choose(asked)).toBe('a')
  })

  test('say what other gateways have there, beside what this one has sent since', async () => {
    const { say, choose, underWay } = hearMacs()
    underWay.set('a', 2)
    await say('a', { metrics: { activeRequests: 5 } })
    await say('b', { metrics: { activeRequests: 5 } })
    expect([choose(), choose()]).toEqual(['a', 'a'])
    underWay.set('a', 3)
    expect(choose()).toBe('b')
    underWay.set('b', 2)
    expect(choose()).toBe('a')
    underWay.set('a', 0)
    await say('b', { metrics: { activeRequests: 4 } })
    expect(choose()).toBe('a')
  })

  test('say how fast a Mac is with the model', async () => {
    const { say, choose } = hearMacs()
    await say('a', { metrics: { streamTokensPerSecond: { scripted: 20 } } })
    await say('b', { metrics: { streamTokensPerSecond: { scripted: 60 } } })
    expect(choose()).toBe('b')
  })

  test('say whether the model fits, memory that idle models would give back included', async () => {
    const { say, choose } = hearMacs()
    const cold = { state: 'unloaded', sizeBytes: 10 * 2 ** 30 } as const
    await say('small', { registration: studio, model: cold, metrics: { availableMemoryGB: 11 } })
    await say('large', { model: cold, metrics: { availableMemoryGB: 13 } })
    expect(choose()).toBe('large')
    await say('small', {
      registration: studio,
      model: { ...cold, memoryBytes: 2 ** 30 },
      metrics: { availableMemoryGB: 11 },
    })
    expect(choose()).toBe('small')
  })
})

describe('the configuration', () => {
  test('gives a Mac that it knows by address or name a priority of its own', async () => {
    const known = { ip: '10.0.0.9', name: null, priority: 100, tags: [] }
    const named = { ip: '10.0.0.8', name: 'c.local', priority: 0, tags: [] }
    const { say, choose } = hearMacs({ knownWorkers: [known, named] })
    await say('c', { registration: { priority: 60 } })
    await say('a', { registration: { priority: 50 } })
    expect(choose()).toBe('a')
    await say('b', { registration: { priority: 0, ip: '10.0.0.9' } })
    expect(choose()).toBe('b')
  })

  test('is told in the log, once, when no Mac is as large as a model of that size asks for', async () => {
    const vast = { minGpuCores: 0, minMemoryGB: 1000, preferredChips: [], preferredWorkers: [] }
    const { say, choose, lines } = hearMacs({ tiers: { ...defaultPolicy.tiers, '<3B': vast } })
    await say('a')
    expect([choose(), choose()]).toEqual(['a', 'a'])
    const warnings = lines.filter(({ level }) => level === 'warn')
    expect(warnings).toMatchObject([{ fields: { tier: '<3B', minMemoryGB: 1000, workerId: 'a' } }])
  })
})
