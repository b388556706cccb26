import type { Readable, Writable } from 'node:stream'

/** What a command may touch of the outside world; tests bring their own. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: Readable
  readonly stdout: Writable
  /** True when a person types into standard input, and when one reads standard output. */
  readonly typedInto: boolean
  readonly readByPerson: boolean
  /** Standard output: the answer, and with `--json` nothing else. */
  say(text: string): void
  /** Standard error: progress and complaints. */
  note(text: string): void
}

export function openTerminal(): Terminal {
  // A closed window or a broken pipe is no reason to stop a server.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  return {
    env: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    typedInto: process.stdin.isTTY === true,
    readByPerson: process.stdout.isTTY === true,
    say: text => process.stdout.write(text),
    note: text => process.stderr.write(text),
  }
}

/** 0: done. 1: it failed, or the doctor found something broken. 2: the command line or the configuration is wrong. */
export type ExitCode = 0 | 1 | 2
