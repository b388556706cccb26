// A display in memory, for programs that will not start without one.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'

export interface Display {
  /** `:99` */
  readonly name: string
  close(): Promise<void>
}

const program = '/usr/bin/Xvfb'

export const noDisplay: string | false = existsSync(program) ? false : `there is no ${program} here`

/** The server itself chooses a number that is free. */
export async function openDisplay(): Promise<Display> {
  const server = spawn(program, ['-displayfd', '3', '-screen', '0', '1280x800x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const exited = new Promise<void>(done => server.once('exit', () => done()))
  const numbers = server.stdio[3]
  if (!numbers || !('readable' in numbers)) throw new Error('Xvfb has no pipe to say its number on')
  const number = await Promise.race([
    new Promise<string>(done => createInterface({ input: numbers }).once('line', done)),
    exited.then(() => null),
  ])
  if (number === null) throw new Error('Xvfb ended before it had a display')
  return {
    name: `:${number}`,
    close() {
      server.kill()
      return exited
    },
  }
}
