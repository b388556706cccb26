import { expect, test } from 'vitest'
import type { CoreExit, CoreProcess } from '../../main/desktop/core-process.ts'
import { keepCore } from '../../main/desktop/keep-core.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import type { CoreState } from '../../preload/bridge.ts'
import { ManualClock } from '../support/manual-clock.ts'

/** Cores that do what the test says. */
function keepScripted() {
  const clock = new ManualClock()
  const cores: ScriptedCore[] = []
  const states: CoreState[] = []
  const world = { answers: true, fails: false }
  const keeper = keepCore({
    start: onLine => {
      if (world.fails) throw new Error('too many open files')
      const core = scriptCore(onLine)
      cores.push(core)
      return core
    },
    token: () => 'token',
    probe: async () => world.answers,
    clock,
    log: silentLog,
  })
  keeper.onState(state => states.push(state))
  const last = () => {
    const core = cores.at(-1)
    if (!core) throw new Error('no core has been started')
    return core
  }
  return { clock, cores, states, keeper, last, world }
}

interface ScriptedCore extends CoreProcess {
  readonly orders: string[]
  say(event: object): void
  end(exit?: Partial<CoreExit>): void
}

function scriptCore(onLine: (line: string) => void): ScriptedCore {
  const orders: string[] = []
  let end = (_exit: CoreExit) => {}
  const exited = new Promise<CoreExit>(resolve => {
    end = resolve
  })
  const gone = (exit: Partial<CoreExit> = {}) =>
    end({ code: null, reason: 'was killed by SIGKILL', words: '', ...exit })
  return {
    orders,
    exited,
    stop: () => void orders.push('stop'),
    kill: () => {
      orders.push('kill')
      gone()
    },
    say: event => onLine(JSON.stringify(event)),
    end: gone,
  }
}

/** Lets everything run that needs no time. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

const started = { event: 'started', url: 'http://127.0.0.1:7' }

test('a core that has started is at its address, with the token', async () => {
  const { keeper, last } = keepScripted()
  expect(keeper.state()).toEqual({ state: 'starting' })
  last().say({ event: 'loading' })
  last().say(started)
  await settle()
  expect(keeper.state()).toEqual({ state: 'running', peer: { url: started.url, token: 'token' } })
})

test('a core that dies is shown, and started again after a moment', async () => {
  const { clock, cores, keeper, last } = keepScripted()
  last().say(started)
  await settle()
  last().end()
  await settle()
  expect(keeper.state()).toEqual({
    state: 'restarting',
    reason: 'The part of the app that serves was killed by SIGKILL.',
  })
  clock.advance(250)
  await settle()
  expect(cores.length).toBe(2)
  last().say(started)
  await settle()
  expect(keeper.state().state).toBe('running')
})

test('pauses grow, and after five failures it says in the words of the core what is in the way', async () => {
  const { clock, cores, states, last } = keepScripted()
  for (const pauseMs of [250, 500, 1000, 2000]) {
    last().end({ code: 1, words: 'mlx-mesh serve: port 8080 is taken' })
    await settle()
    const before = cores.length
    clock.advance(pauseMs - 1)
    await settle()
    expect(cores.length).toBe(before)
    clock.advance(1)
    await settle()
    expect(cores.length).toBe(before + 1)
  }
  last().end({ code: 1, words: 'mlx-mesh serve: port 8080 is taken' })
  await settle()
  expect(states.at(-1)).toEqual({ state: 'failed', reason: 'port 8080 is taken' })
})

test('a core that has failed is tried again by itself, and at once when somebody asks', async () => {
  const { clock, cores, keeper, last } = keepScripted()
  const refuse = async () => {
    last().end({ code: 2, words: 'The configuration cannot be used: line 3' })
    await settle()
  }
  await refuse()
  expect(keeper.state()).toEqual({ state: 'failed', reason: 'The configuration cannot be used: line 3' })
  clock.advance(30_000)
  await settle()
  expect(cores.length).toBe(2)
  await refuse()
  keeper.restart()
  await settle()
  expect(cores.length).toBe(3)
  last().say(started)
  await settle()
  expect(keeper.state().state).toBe('running')
})

test('a core that ran well for long is started again at once, however often it failed before', async () => {
  const { clock, keeper, last } = keepScripted()
  for (let life = 0; life < 8; life++) {
    last().say(started)
    await settle()
    clock.advance(31_000)
    await settle()
    last().end()
    await settle()
    expect(keeper.state().state).toBe('restarting')
    clock.advance(250)
    await settle()
  }
})

test('a core that hangs is ended and started again', async () => {
  const { clock, keeper, last, world } = keepScripted()
  last().say(started)
  await settle()
  world.answers = false
  const core = last()
  for (let probe = 0; probe < 3; probe++) {
    expect(core.orders).toEqual([])
    clock.advance(3000)
    await settle()
  }
  expect(core.orders).toEqual(['kill'])
  expect(keeper.state()).toEqual({ state: 'restarting', reason: 'It did not answer for 10 s.' })
})

test('a core that answers in between does not hang', async () => {
  const { clock, last, world } = keepScripted()
  last().say(started)
  await settle()
  for (const answers of [false, false, true, false, false, true]) {
    world.answers = answers
    clock.advance(3000)
    await settle()
  }
  expect(last().orders).toEqual([])
})

test('a core that never says that it has started is ended', async () => {
  const { clock, keeper, last } = keepScripted()
  clock.advance(60_000)
  await settle()
  expect(last().orders).toEqual(['kill'])
  expect(keeper.state()).toEqual({ state: 'restarting', reason: 'It did not start within 60 s.' })
})

test('to quit it asks the core, waits, and in the end does not wait any more', async () => {
  const { clock, cores, keeper, last } = keepScripted()
  last().say(started)
  await settle()
  let quit = false
  void keeper.stop().then(() => {
    quit = true
  })
  await settle()
  expect(last().orders).toEqual(['stop'])
  expect(quit).toBe(false)
  clock.advance(37_000)
  await settle()
  expect(last().orders).toEqual(['stop', 'kill'])
  expect(quit).toBe(true)
  clock.advance(60_000)
  expect(cores.length).toBe(1)
})

test('to restart it stops the core in order and starts another one at once', async () => {
  const { cores, keeper, last } = keepScripted()
  last().say(started)
  await settle()
  keeper.restart()
  expect(last().orders).toEqual(['stop'])
  expect(keeper.state().state).toBe('starting')
  last().end({ code: 0 })
  await settle()
  expect(cores.length).toBe(2)
})

test('a core that starts anew, as settings ask for, is left in peace meanwhile, and followed to its new address', async () => {
  const { clock, cores, keeper, last, world } = keepScripted()
  last().say(started)
  await settle()
  last().say({ event: 'restarting' })
  world.answers = false
  for (let seconds = 0; seconds < 60; seconds += 3) {
    clock.advance(3000)
    await settle()
  }
  expect(last().orders).toEqual([])
  expect(keeper.state()).toEqual({ state: 'starting' })
  world.answers = true
  last().say({ event: 'started', url: 'http://127.0.0.1:8' })
  await settle()
  expect(keeper.state()).toEqual({
    state: 'running',
    peer: { url: 'http://127.0.0.1:8', token: 'token' },
  })
  expect(cores.length).toBe(1)
})

test('a core that never comes back from starting anew is ended', async () => {
  const { clock, keeper, last } = keepScripted()
  last().say(started)
  await settle()
  last().say({ event: 'restarting' })
  clock.advance(100_000)
  await settle()
  expect(last().orders).toEqual(['kill'])
  expect(keeper.state()).toEqual({ state: 'restarting', reason: 'It did not start within 100 s.' })
})

test('a restart that somebody asks for is no failure, also after a crash', async () => {
  const { clock, cores, keeper, last, states } = keepScripted()
  last().say(started)
  await settle()
  last().end()
  await settle()
  clock.advance(250)
  await settle()
  last().say(started)
  await settle()
  keeper.restart()
  last().end({ code: 0 })
  await settle()
  expect(cores.length).toBe(3)
  expect(states.slice(-1)).toEqual([{ state: 'starting' }])
})

test('what a core says when it is gone already changes nothing', async () => {
  const { keeper, last } = keepScripted()
  const gone = last()
  gone.end()
  await settle()
  gone.say(started)
  await settle()
  expect(keeper.state().state).toBe('restarting')
})

test('a core that the system does not start is tried again, and keeps nobody from quitting', async () => {
  const { clock, cores, keeper, last, world } = keepScripted()
  world.fails = true
  last().end()
  await settle()
  clock.advance(250)
  await settle()
  expect(keeper.state()).toEqual({
    state: 'restarting',
    reason: 'The part of the app that serves could not be started: too many open files',
  })
  world.fails = false
  clock.advance(500)
  await settle()
  expect(cores.length).toBe(2)
  world.fails = true
  last().end()
  await settle()
  clock.advance(1000)
  await settle()
  await keeper.stop()
})
