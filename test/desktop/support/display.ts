// A display in memory for tests of the app, where the machine has none that a person looks at.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'

export interface Display {
  /** `:99`; null: the machine's own is used. */
  readonly name: string | null
  close(): Promise<void>
}

const program = '/usr/bin/Xvfb'

/** Why there is none; false when there is. */
export const noDisplay: string | false =
  process.platform === 'linux' && !existsSync(program)
    ? 'it takes Xvfb, which this system does not have'
    : false

export async function openDisplay(): Promise<Display> {
  if (process.platform !== 'linux') return { name: null, close: async () => {} }
  // It picks a number that is free, and says which.
  const server = spawn(program, ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const number = await firstLine(server)
  return {
    name: `:${number}`,
    async close() {
      server.kill()
      await once(server, 'exit')
    },
  }
}

function firstLine(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    server.stdio[3]?.on('data', data => {
      said += data
      if (said.includes('\n')) resolve(said.trim())
    })
    server.once('exit', code => reject(new Error(`Xvfb ended with ${code}`)))
    server.once('error', reject)
  })
}
