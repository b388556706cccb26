// Starts child processes that cannot outlive this one.
import type { Readable } from 'node:stream'

export interface ChildOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** For programs that do not stop at the end of their standard input: a small shell guard does it for them. */
  readonly guarded?: boolean
}

export interface Child {
  readonly pid: number
  /** Writes to standard input; false asks to wait for `drained`. Does nothing once the process has exited. */
  write(text: string): boolean
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves once the process is gone, also when it could not be started. */
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
