import { describe, expect, test } from 'vitest'
import { keepUpdated, type Updater } from '../../main/desktop/updates.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import type { UpdateState } from '../../preload/bridge.ts'
import { ManualClock } from '../support/manual-clock.ts'

const dayMs = 24 * 3_600_000

/** A source of versions that answers when the test says so. */
function scriptedUpdater() {
  const asked: {
    found(version: string | null): void
    failed(message: string): void
    loaded(percent: number): void
  }[] = []
  const done = { installs: 0, aborts: 0 }
  const updater: Updater = {
    fetch: (onProgress, abort) =>
      new Promise((resolve, reject) => {
        asked.push({
          found: resolve,
          failed: message => reject(new Error(message)),
          loaded: onProgress,
        })
        abort.addEventListener('abort', () => {
          done.aborts += 1
          reject(new Error('called off'))
        })
      }),
    install: () => {
      done.installs += 1
    },
  }
  return { updater, asked, done, last: () => asked.at(-1) ?? expect.fail('nobody has asked') }
}

function open(automatic = true) {
  const clock = new ManualClock()
  const source = scriptedUpdater()
  const updates = keepUpdated({ updater: source.updater, automatic: () => automatic, clock, log: silentLog })
  const states: UpdateState[] = []
  updates.onState(state => states.push(state))
  return { clock, updates, states, ...source }
}

describe('updates', () => {
  test('are looked for after the start and then each day, when their owner wants that', async () => {
    const { clock, asked, last, updates } = open()
    expect(asked).toHaveLength(0)
    clock.advance(60_000)
    expect(asked).toHaveLength(1)
    const looked = updates.check()
    last().found(null)
    await looked
    expect(updates.state()).toEqual({ state: 'current' })
    clock.advance(dayMs)
    expect(asked).toHaveLength(2)
  })

  test('are never looked for unasked when their owner does not want that', async () => {
    const { clock, asked, updates, last } = open(false)
    clock.advance(3 * dayMs)
    expect(asked).toHaveLength(0)
    const looked = updates.check()
    last().found(null)
    await looked
    expect(updates.state()).toEqual({ state: 'current' })
  })

  test('are downloaded before anybody is asked, and installed when their owner says so', async () => {
    const { updates, states, last, done } = open()
    await updates.install()
    const looked = updates.check()
    last().loaded(40)
    last().found('0.2.0')
    await looked
    expect(states).toEqual([
      { state: 'checking' },
      { state: 'downloading', percent: 40 },
      { state: 'ready', version: '0.2.0' },
    ])
    expect(done.installs).toBe(0)
    await updates.install()
    expect(done.installs).toBe(1)
  })

  test('wait when they are ready: no further look takes them back', async () => {
    const { clock, updates, asked, last } = open()
    const looked = updates.check()
    last().found('0.2.0')
    await looked
    clock.advance(2 * dayMs)
    await updates.check()
    expect(asked).toHaveLength(1)
    expect(updates.state()).toEqual({ state: 'ready', version: '0.2.0' })
  })

  test('are asked for once at a time', async () => {
    const { updates, asked, last } = open()
    const both = [updates.check(), updates.check()]
    last().found(null)
    await Promise.all(both)
    expect(asked).toHaveLength(1)
  })

  test('that cannot be had say why, and are looked for again', async () => {
    const { updates, last, asked } = open()
    const failed = updates.check()
    last().failed('The server for updates cannot be reached.')
    await failed
    expect(updates.state()).toEqual({ state: 'failed', reason: 'The server for updates cannot be reached.' })
    const again = updates.check()
    last().found(null)
    await again
    expect(asked).toHaveLength(2)
    expect(updates.state()).toEqual({ state: 'current' })
  })

  test('are given up when their server falls silent, but not while anything arrives', async () => {
    const { clock, updates, last, done } = open(false)
    const looked = updates.check()
    for (const percent of [10, 20, 30]) {
      clock.advance(60_000)
      last().loaded(percent)
    }
    expect(done.aborts).toBe(0)
    clock.advance(120_000)
    await looked
    expect(updates.state()).toEqual({
      state: 'failed',
      reason: 'The server for updates has stopped answering.',
    })
  })

  test('end with the app', async () => {
    const { clock, updates, asked, done } = open()
    const looked = updates.check()
    updates.close()
    await looked
    expect(done.aborts).toBe(1)
    clock.advance(2 * dayMs)
    expect(asked).toHaveLength(1)
  })

  test('of a build that has none say why', async () => {
    const updates = keepUpdated({
      updater: 'A checkout.',
      automatic: () => true,
      clock: new ManualClock(),
      log: silentLog,
    })
    await updates.check()
    expect(updates.state()).toEqual({ state: 'unavailable', reason: 'A checkout.' })
  })
})
