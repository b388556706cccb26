// A real `mlx-mesh serve` in a process of its own, with the scripted engine.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export interface ServedProcess {
  readonly child: ChildProcess
  output(): string
  notes(): string
  /** Resolves when standard output or standard error matches; rejects when the process ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray>
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

export interface ServeOptions {
  readonly home: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Flags of Node.js itself. */
  readonly nodeFlags?: readonly string[]
  /** Gives the process a parent to notice the end of, as `npm start` does. */
  readonly ipc?: boolean
}

const headless = fileURLToPath(new URL('../../main/headless.ts', import.meta.url))

export function serve(options: ServeOptions): ServedProcess {
  const {
    home,
    args = ['--port', '0', '--engine', 'scripted'],
    env = {},
    nodeFlags = [],
    ipc = false,
  } = options
  const child = spawn(process.execPath, [...nodeFlags, headless, 'serve', ...args], {
    env: { PATH: process.env['PATH'], MLX_MESH_HOME: home, ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  let output = ''
  let notes = ''
  child.stdout?.on('data', data => {
    output += data
  })
  child.stderr?.on('data', data => {
    notes += data
  })
  // Not `close`: it never comes after `disconnect()` from this side.
  const read = [child.stdout, child.stderr].map(stream => stream && once(stream, 'end'))
  const ended = Promise.all([once(child, 'exit'), ...read]).then(([[code, signal]]) => ({ code, signal }))
  return { child, output: () => output, notes: () => notes, says, ended }

  function says(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(output) ?? pattern.exec(notes)
        if (found) resolve(found)
      }
      child.stdout?.on('data', look)
      child.stderr?.on('data', look)
      void ended.then(() => reject(new Error(`it ended without saying ${pattern}: ${output}${notes}`)))
      look()
    })
  }
}
