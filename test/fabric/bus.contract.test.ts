import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Bus, maxMessageBytes } from '../../main/fabric/bus.ts'
import { type Fabric, openMemoryFabric, openNatsFabric } from './fabrics.ts'
import { bytesOf, openInbox, reconnectionOf, textOf } from './inbox.ts'
import { recordLog } from './record-log.ts'

describe.each([
  { name: 'in memory', open: openMemoryFabric },
  { name: 'over NATS', open: openNatsFabric },
])('the bus $name', ({ open }) => {
  const { log, lines } = recordLog()
  let fabric: Fabric
  let here: Bus
  let there: Bus

  beforeEach(async () => {
    lines.length = 0
    fabric = await open(log)
    here = await fabric.join()
    there = await fabric.join()
  })
  afterEach(() => fabric.close())

  test('a message reaches every subscriber of its subject, its sender too, and nobody else', async () => {
    const mine = await openInbox(here, 'news')
    const theirs = await openInbox(there, 'news')
    const others = await openInbox(there, 'newspaper')
    here.publish('news', bytesOf('hello'))
    here.publish('newspaper', bytesOf('last'))
    await Promise.all([mine.until(1), theirs.until(1), others.until(1)])
    expect(mine.texts()).toEqual(['hello'])
    expect(theirs.texts()).toEqual(['hello'])
    expect(theirs.messages[0]).toMatchObject({ subject: 'news', noResponders: false })
    expect(others.texts()).toEqual(['last'])
  })

  test('nothing arrives while the sender is still busy', async () => {
    const inbox = await openInbox(here, 'news')
    here.publish('news', bytesOf('hello'))
    await Promise.resolve()
    expect(inbox.messages).toHaveLength(0)
    await inbox.until(1)
  })

  test('`*` matches one token of a subject and `>` the rest', async () => {
    const one = await openInbox(there, 'worker.*.inference')
    const rest = await openInbox(there, 'worker.a.>')
    const all = await openInbox(there, '>')
    const subjects = [
      'worker.a.inference',
      'worker.b.inference',
      'worker.a',
      'worker.a.inference.now',
      'worker.a.b.inference',
      'worker.a.x',
    ]
    for (const subject of subjects) here.publish(subject, bytesOf(subject))
    await all.until(subjects.length)
    expect(one.texts()).toEqual(['worker.a.inference', 'worker.b.inference'])
    expect(rest.texts()).toEqual([
      'worker.a.inference',
      'worker.a.inference.now',
      'worker.a.b.inference',
      'worker.a.x',
    ])
    expect(all.texts()).toEqual(subjects)
  })

  test('messages arrive in the order in which they were sent', async () => {
    const inbox = await openInbox(there, 'count.*')
    const sent = Array.from({ length: 5_000 }, (_, i) => `${i}`)
    for (const text of sent) here.publish(`count.${Number(text) % 3}`, bytesOf(text))
    await inbox.until(sent.length)
    expect(inbox.texts()).toEqual(sent)
  })

  test('a message of 1 MB arrives whole, and a longer one is refused', async () => {
    const inbox = await openInbox(there, 'big')
    const data = Buffer.alloc(maxMessageBytes, 'abcdefg')
    here.publish('big', data)
    here.publish('big', bytesOf(''))
    await inbox.until(2)
    expect(Buffer.compare(inbox.messages[0]?.data ?? Buffer.alloc(0), data)).toBe(0)
    expect(inbox.messages[1]?.data).toHaveLength(0)
    expect(inbox.messages[1]?.noResponders).toBe(false)
    expect(() => here.publish('big', Buffer.alloc(maxMessageBytes + 1))).toThrow(/1048577 bytes on big/)
  })

  test('what the sender does to its bytes afterwards changes nothing', async () => {
    const inbox = await openInbox(there, 'news')
    const data = Buffer.from('first')
    here.publish('news', data)
    await here.flush(5_000)
    data.write('other')
    await inbox.until(1)
    expect(inbox.texts()).toEqual(['first'])
  })

  test('an ended subscription receives nothing more', async () => {
    const ended = await openInbox(here, 'news')
    const going = await openInbox(here, 'news')
    here.publish('news', bytesOf('on its way'))
    ended.end()
    await going.until(1)
    there.publish('news', bytesOf('hello'))
    await going.until(2)
    expect(ended.messages).toHaveLength(0)
  })

  test('a subscriber that throws is logged and disturbs nobody', async () => {
    here.subscribe('news', () => {
      throw new Error('a bug')
    })
    const inbox = await openInbox(here, 'news')
    there.publish('news', bytesOf('one'))
    there.publish('news', bytesOf('two'))
    await inbox.until(2)
    expect(inbox.texts()).toEqual(['one', 'two'])
    expect(lines.filter(line => line.level === 'error')).toHaveLength(2)
  })

  test('an answer goes to the subject that the sender named', async () => {
    const answers = await openInbox(here, 'answers.1')
    const wanted: boolean[] = []
    there.subscribe('question', message => {
      wanted.push(message.wantsAnswer)
      message.respond(bytesOf(`${textOf(message.data)} yes`))
      message.respond(bytesOf('and no'))
    })
    await there.flush(5_000)
    here.publish('question', bytesOf('rhetorical'))
    here.publish('question', bytesOf('well?'), 'answers.1')
    await answers.until(2)
    expect(wanted).toEqual([false, true])
    expect(answers.texts()).toEqual(['well? yes', 'and no'])
  })

  test('the sender learns at its reply subject that nobody listened, and only it does', async () => {
    const mine = await openInbox(here, 'answers.*')
    const theirs = await openInbox(there, 'answers.*')
    here.publish('nobody.there', bytesOf('hello'), 'answers.1')
    here.publish('nobody.there', bytesOf('hello'))
    await mine.until(1)
    expect(mine.messages[0]).toMatchObject({ subject: 'answers.1', noResponders: true })
    there.publish('answers.2', bytesOf('end'))
    await theirs.until(1)
    await mine.until(2)
    expect(theirs.texts()).toEqual(['end'])
    expect(mine.messages).toHaveLength(2)
  })

  test('each request gets its own answer, in whatever order they come', async () => {
    const held: (() => void)[] = []
    there.subscribe('double', message => {
      held.push(() => message.respond(bytesOf(`${Number(textOf(message.data)) * 2}`)))
      if (held.length === 3) for (const answer of held.reverse()) answer()
    })
    await there.flush(5_000)
    const answers = await Promise.all(
      ['1', '2', '3'].map(text => here.request('double', bytesOf(text), 5_000)),
    )
    expect(answers.map(textOf)).toEqual(['2', '4', '6'])
  })

  test('a request to a subject nobody listens on fails at once', async () => {
    await expect(here.request('nobody.there', bytesOf('hello'), 60_000)).rejects.toMatchObject({
      code: 'NO_WORKER',
      message: 'Nobody in the mesh listens on nobody.there.',
    })
  })

  test('a request that is never answered fails after its time limit', async () => {
    await openInbox(there, 'silent')
    await expect(here.request('silent', bytesOf('hello'), 50)).rejects.toMatchObject({
      code: 'WORKER_LOST',
      message: 'There was no answer on silent within 50 ms.',
    })
  })

  test('after an interruption subscriptions and requests work again, and those who asked are told', async () => {
    const inbox = await openInbox(there, 'news')
    there.subscribe('echo', message => message.respond(message.data))
    const both = [reconnectionOf(here), reconnectionOf(there)]
    await fabric.breakDown()
    expect(here.connected).toBe(false)
    await expect(here.flush(5_000)).rejects.toMatchObject({ code: 'WORKER_LOST' })
    fabric.mend()
    await Promise.all(both)
    expect(here.connected).toBe(true)
    await there.flush(5_000)
    here.publish('news', bytesOf('back'))
    await inbox.until(1)
    expect(inbox.texts()).toEqual(['back'])
    expect(textOf(await here.request('echo', bytesOf('hello'), 5_000))).toBe('hello')
  })

  test('one who fails when told of a reconnection is logged and disturbs nobody, now or the next time', async () => {
    here.onReconnect(() => {
      throw new Error('a bug')
    })
    let told = 0
    here.onReconnect(() => told++) // on a busy machine one interruption may be mended twice
    for (let times = 1; times <= 2; times++) {
      const both = [reconnectionOf(here), reconnectionOf(there)]
      await fabric.breakDown()
      fabric.mend()
      await Promise.all(both)
      expect(told).toBeGreaterThanOrEqual(times)
      expect(lines.filter(line => line.level === 'error')).toHaveLength(told)
    }
  })

  test('what is published during an interruption arrives after it, in order', async () => {
    const inbox = await openInbox(here, 'news')
    here.subscribe('echo', message => message.respond(message.data))
    await fabric.breakDown()
    const data = Buffer.from('one')
    here.publish('news', data)
    data.write('xyz')
    here.publish('news', bytesOf('two'))
    const answer = here.request('echo', bytesOf('hello'), 10_000)
    fabric.mend()
    await inbox.until(2)
    expect(inbox.texts()).toEqual(['one', 'two'])
    expect(textOf(await answer)).toBe('hello')
  })

  test('an answer given during an interruption arrives after it', async () => {
    const asked = await openInbox(here, 'question')
    const answer = here.request('question', bytesOf('well?'), 10_000)
    await asked.until(1)
    await fabric.breakDown()
    asked.messages[0]?.respond(bytesOf('yes'))
    fabric.mend()
    expect(textOf(await answer)).toBe('yes')
  })

  test('closing delivers what was published and ends the rest', async () => {
    const theirs = await openInbox(there, 'news')
    await openInbox(there, 'silent')
    const mine = await openInbox(here, 'news')
    const unanswered = here.request('silent', bytesOf('hello'), 60_000).catch((error: unknown) => error)
    here.publish('news', bytesOf('last words'))
    await here.close()
    await theirs.until(1)
    expect(theirs.texts()).toEqual(['last words'])
    expect(mine.texts()).toEqual(['last words'])
    expect(await unanswered).toMatchObject({ code: 'NO_WORKER' })
    expect(here.connected).toBe(false)
    const closed = expect.objectContaining({ code: 'NO_WORKER' })
    expect(() => here.publish('news', bytesOf('too late'))).toThrow(closed)
    expect(() => here.subscribe('news', () => {})).toThrow(closed)
    await expect(here.request('news', bytesOf('too late'), 60_000)).rejects.toMatchObject({
      code: 'NO_WORKER',
    })
    await expect(here.flush(60_000)).rejects.toMatchObject({ code: 'NO_WORKER' })
    await here.close()
  })

  test('a bus closes at once while it is interrupted', async () => {
    await fabric.breakDown()
    await here.close()
    expect(() => here.publish('news', bytesOf('too late'))).toThrow(
      expect.objectContaining({ code: 'NO_WORKER' }),
    )
    fabric.mend()
  })
})
