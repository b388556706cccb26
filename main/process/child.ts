// Starts child processes that cannot outlive this one, neither by Ctrl-C nor by its SIGKILL.
// Each is the leader of a process group of its own, so that it can be swept with everything it started.
import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { guardScript } from './guard.ts'

export interface ChildOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** For programs that do not stop at the end of their standard input: a small shell guard does it for them. */
  readonly guarded?: boolean
  /** For programs on Node.js: messages to it, beside its standard streams. */
  readonly channel?: boolean
}

export interface Child {
  /** Of the program itself, also when it is guarded; NaN when it could not be started. */
  readonly pid: number
  /** Writes to standard input; false while more waits than the pipe takes. Does nothing once the process has exited. */
  write(text: string): boolean
  /** Over the channel; false when there is none, or the process is gone. */
  send(message: Readonly<Record<string, string>>): boolean
  /** Sends a signal to the program; false when it is gone. */
  signal(name: NodeJS.Signals): boolean
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves once the process is gone, also when it could not be started. Its last output may still be under way. */
  readonly exited: Promise<ChildExit>
  /** Asks with SIGTERM, and after `graceMs` ends it with SIGKILL. Resolves when it is gone. */
  stop(graceMs: number): Promise<ChildExit>
}

export interface ChildExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** For a reader: "exited with code 1", "was killed by SIGKILL", "could not be started: …". */
  readonly reason: string
}

export function startChild(options: ChildOptions): Child {
  const { command, args } = options.guarded
    ? { command: '/bin/sh', args: ['-c', guardScript, 'guard', options.command, ...options.args] }
    : options
  const started = spawn(command, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: options.env ?? process.env,
    // Not on descriptor 3, which the guard needs.
    stdio: ['pipe', 'pipe', 'pipe', ...(options.channel ? (['ignore', 'ipc'] as const) : [])],
    detached: true,
  })
  const { stdin, stdout, stderr } = started
  if (!stdin || !stdout || !stderr) throw new Error(`${command} was started without pipes`)
  const pid = started.pid ?? Number.NaN
  let running = started.pid !== undefined

  // The reader of our pipe may be gone before we know of it: `exited` tells, EPIPE would only tell it again.
  stdin.on('error', () => {})

  const exited = new Promise<ChildExit>(resolve => {
    started.once('error', error =>
      resolve({ code: null, signal: null, reason: startFailure(error, options) }),
    )
    started.once('exit', (code, signal) => {
      running = false
      stdin.destroy()
      sweep(pid)
      resolve({ code, signal, reason: exitReason(code, signal, options) })
    })
  })

  return {
    pid,
    stdout,
    stderr,
    exited,
    write: text => running && stdin.writable && stdin.write(text),
    send: message => running && started.connected && started.send(message, () => {}),
    signal: name => running && started.kill(name),
    stop: async graceMs => {
      if (!running) return exited
      started.kill('SIGTERM')
      const force = setTimeout(() => started.kill('SIGKILL'), graceMs)
      const exit = await exited
      clearTimeout(force)
      return exit
    },
  }
}

/** Ends what the program left behind in its group: the guard, and children of its own. */
function sweep(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nothing was left.
  }
}

function startFailure(error: NodeJS.ErrnoException, options: ChildOptions): string {
  const why = error.code === 'ENOENT' ? `${options.command} was not found` : error.message
  return `could not be started: ${why}`
}

function exitReason(code: number | null, signal: NodeJS.Signals | null, options: ChildOptions): string {
  if (signal) return `was killed by ${signal}`
  if (options.guarded && code === 127) return `could not be started: ${options.command} was not found`
  if (options.guarded && code === 126) return `could not be started: ${options.command} is not executable`
  return `exited with code ${code}`
}
