import { describe, expect, test } from 'vitest'
import { fixedCatalog } from '../../main/engine/catalog.ts'
import { createModels } from '../../main/engine/models.ts'
import { createScriptedEngine } from '../../main/engine/scripted-engine.ts'
import { createMemoryExchange } from '../../main/fabric/memory-bus.ts'
import { encodeJson } from '../../main/protocol/json.ts'
import { prefixesOf } from '../../main/protocol/prefixes.ts'
import { subjects } from '../../main/protocol/subjects.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { createCachedPrefixes } from '../../main/worker/cached-prefixes.ts'
import { serveRequests } from '../../main/worker/serve.ts'
import { sharingOn } from '../../main/worker/sharing-policy.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { modelFiles } from '../support/models.ts'
import { letTimePass } from '../support/time.ts'

const say = (role: string, content: string) => ({ role, content })
const said = (text: string) => ({ text, toolCalls: [] })
const request = (messages: ReturnType<typeof say>[], modelId = 'm') => ({ requestId: 'r', modelId, messages })

function longest(hashes: readonly string[], messages: ReturnType<typeof say>[], modelId = 'm'): number {
  const known = prefixesOf(modelId, { messages })
  return known.findLastIndex(({ hash }) => hashes.includes(hash)) + 1
}

describe('the conversations of a Mac', () => {
  const first = [say('system', 'Be brief.'), say('user', 'Hello')]
  const second = [...first, say('assistant', 'Hi!'), say('user', 'And now?')]

  test('are known with their answers, as they were asked, and by their first message', () => {
    const cached = createCachedPrefixes()
    cached.note(request(first), said('Hi!'))
    expect(longest(cached.list(), second)).toBe(3)
    expect(longest(cached.list(), first)).toBe(2)
    expect(longest(cached.list(), [say('system', 'Be brief.'), say('user', 'Bye')])).toBe(1)
  })

  test('take no more room when they go on', () => {
    const cached = createCachedPrefixes()
    cached.note(request(first), said('Hi!'))
    cached.note(request(second), said('Nothing.'))
    expect(cached.list()).toHaveLength(3)
    expect(longest(cached.list(), [...second, say('assistant', 'Nothing.'), say('user', 'So?')])).toBe(5)
  })

  test('are forgotten with their model', () => {
    const cached = createCachedPrefixes()
    cached.note(request(first), said('Hi!'))
    cached.note(request(first, 'other'), said('Hi!'))
    cached.clear('m')
    expect(longest(cached.list(), second)).toBe(0)
    expect(longest(cached.list(), second, 'other')).toBe(3)
  })

  test('are at most 128 hashes, of the latest ones', () => {
    const cached = createCachedPrefixes()
    const chat = (i: number) => [say('user', `Question ${i}`)]
    for (let i = 0; i < 100; i++) {
      cached.note(request(chat(i)), said('Yes.'))
      cached.list()
    }
    const hashes = cached.list()
    expect(hashes.length).toBeLessThanOrEqual(128)
    expect(longest(hashes, chat(99))).toBe(1)
    expect(longest(hashes, chat(0))).toBe(0)
  })

  test('are not noted in part when the answer was begun elsewhere', () => {
    const cached = createCachedPrefixes()
    cached.note({ ...request(first), resume: { ids: [1] } }, said('the rest'))
    expect(cached.list()).toEqual([])
  })
})

test.each(['is unloaded', 'crashes'] as const)(
  'a Mac knows no conversation of a model any more that %s',
  async how => {
    const clock = new ManualClock()
    const engine = createScriptedEngine(clock)
    const catalog = fixedCatalog([modelFiles('m')])
    await catalog.rescan()
    const limits = { maxLoaded: 2, budgetBytes: 2 ** 40 }
    const models = createModels({ engine, catalog, clock, log: silentLog, limits })
    const exchange = createMemoryExchange({ clock })
    const bus = exchange.join()
    const sharing = { now: () => sharingOn }
    const log = silentLog
    const serving = serveRequests({ workerId: 'w', bus, models, sharing, clock, log, maxConcurrent: 4 })
    const asked = { ...request([say('user', 'Hello')]), maxTokens: 3 }
    bus.publish(subjects.inference('w'), encodeJson(asked), subjects.response('r'))
    await letTimePass(clock, 50)
    expect(serving.cachedPrefixes.list()).toHaveLength(2)
    if (how === 'is unloaded') models.unload('m')
    else engine.running.get('m')?.crash('it fell over')
    await letTimePass(clock, 50)
    expect(serving.cachedPrefixes.list()).toEqual([])
    await models.close()
  },
)
