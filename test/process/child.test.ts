import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { type Child, type ChildOptions, startChild } from '../../main/process/child.ts'
import { readLines } from '../../main/process/lines.ts'
import { hasEnded, isAlive } from '../support/processes.ts'

const started: Child[] = []
afterEach(async () => {
  await Promise.all(started.splice(0).map(child => child.stop(0)))
})

function start(options: ChildOptions): Child {
  const child = startChild(options)
  started.push(child)
  return child
}

function firstLine(child: Child): Promise<string> {
  return new Promise(resolve => readLines(child.stdout, resolve))
}

const node = process.execPath
/** Says its pid, then lives for ever and looks at neither its standard input nor, if so asked, at SIGTERM. */
const stubborn = (signals = "process.on('SIGTERM', () => {});") => [
  '-e',
  `${signals} setInterval(() => {}, 1000); console.log(process.pid)`,
]

describe('a child process', () => {
  it('answers on standard output to what is written to its standard input', async () => {
    const child = start({ command: 'cat', args: [] })
    child.write('hello\n')
    expect(await firstLine(child)).toBe('hello')
  })

  it('says with which code it exited', async () => {
    const exit = await start({ command: node, args: ['-e', 'process.exit(3)'] }).exited
    expect(exit).toEqual({ code: 3, signal: null, reason: 'exited with code 3' })
  })

  it('says by which signal it was killed', async () => {
    const child = start({ command: node, args: stubborn() })
    await firstLine(child)
    process.kill(child.pid, 'SIGKILL')
    expect((await child.exited).reason).toBe('was killed by SIGKILL')
  })

  it('swallows what is written to a program that has closed its standard input or died', async () => {
    const child = start({ command: node, args: ['-e', 'process.exit(0)'] })
    child.write('x'.repeat(1_000_000))
    await child.exited
    expect(child.write('more')).toBe(false)
    expect(child.signal('SIGHUP')).toBe(false)
  })

  it('is asked to stop before it is forced', async () => {
    const polite = start({ command: node, args: stubborn("process.on('SIGTERM', () => process.exit(7));") })
    await firstLine(polite)
    expect((await polite.stop(10_000)).code).toBe(7)
  })

  it('is forced when it does not stop in time', async () => {
    const child = start({ command: node, args: stubborn() })
    await firstLine(child)
    expect((await child.stop(50)).signal).toBe('SIGKILL')
  })

  it('is ended even while it is frozen', async () => {
    const child = start({ command: node, args: stubborn() })
    await firstLine(child)
    child.signal('SIGSTOP')
    expect((await child.stop(50)).signal).toBe('SIGKILL')
  })

  it.each([{ guarded: false }, { guarded: true }])('says that its program is missing (%o)', async options => {
    const child = start({ command: '/no/such program', args: [], ...options })
    expect((await child.exited).reason).toBe('could not be started: /no/such program was not found')
    expect((await child.stop(0)).reason).toContain('could not be started')
    expect(child.write('x')).toBe(false)
  })
})

describe('a guarded child process', () => {
  it('has the pid of the program itself and gets its arguments as they are', async () => {
    const child = start({
      command: node,
      args: ['-p', 'process.pid + process.argv[1]', ' a "b" $c'],
      guarded: true,
    })
    expect(await firstLine(child)).toBe(`${child.pid} a "b" $c`)
  })

  it('is noticed at once when the program dies', async () => {
    const child = start({ command: node, args: stubborn(), guarded: true })
    await firstLine(child)
    process.kill(child.pid, 'SIGKILL')
    expect((await child.exited).signal).toBe('SIGKILL')
  })

  it('passes signals on to the program', async () => {
    const reloads = "process.on('SIGHUP', () => console.log('reloaded'));"
    const child = start({ command: node, args: stubborn(reloads), guarded: true })
    const lines: string[] = []
    const reloaded = new Promise<void>(resolve =>
      readLines(child.stdout, line => {
        lines.push(line)
        if (lines.length === 1) child.signal('SIGHUP')
        else resolve()
      }),
    )
    await reloaded
    expect(lines).toEqual([String(child.pid), 'reloaded'])
  })

  it('leaves nothing behind when it stops', async () => {
    const child = start({ command: node, args: stubborn(''), guarded: true })
    await firstLine(child)
    await child.stop(10_000)
    expect(await hasEnded(-child.pid, 5_000)).toBe(true)
  })
})

describe('the death of the owner by SIGKILL', () => {
  it.each([
    { title: 'a program that reads its standard input', command: 'cat', args: [], guarded: false },
    { title: 'a guarded program that does not', command: node, args: stubborn(''), guarded: true },
    { title: 'a guarded program that ignores SIGTERM', command: node, args: stubborn(), guarded: true },
  ])('ends $title', async ({ command, args, guarded }) => {
    const owner = spawn(node, ['test/fixtures/owner.ts', JSON.stringify({ command, args, guarded })], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const pid = await new Promise<number>(resolve => readLines(owner.stdout, line => resolve(Number(line))))
    expect(isAlive(pid)).toBe(true)
    owner.kill('SIGKILL')
    await once(owner, 'exit')
    expect(await hasEnded(pid, 8_000)).toBe(true)
  })
})
