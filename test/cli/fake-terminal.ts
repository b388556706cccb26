import { PassThrough } from 'node:stream'
import { runCommandLine } from '../../main/cli/run.ts'
import type { ExitCode, Terminal } from '../../main/cli/terminal.ts'

export interface Screen {
  readonly terminal: Terminal
  readonly stdin: PassThrough
  /** What stands on standard output and on standard error so far. */
  output(): string
  notes(): string
}

export interface ScreenOptions {
  readonly home: string
  readonly env?: Readonly<Record<string, string>>
  /** What is piped in; without it a person types. */
  readonly piped?: string
}

export function openScreen({ home, env = {}, piped }: ScreenOptions): Screen {
  const stdin = new PassThrough()
  const stdout = new PassThrough()
  if (piped !== undefined) stdin.end(piped)
  let output = ''
  let notes = ''
  stdout.on('data', data => {
    output += data
  })
  return {
    stdin,
    terminal: {
      env: { MLX_MESH_HOME: home, ...env },
      stdin,
      stdout,
      typedInto: piped === undefined,
      readByPerson: false,
      say: text => {
        output += text
      },
      note: text => {
        notes += text
      },
    },
    output: () => output,
    notes: () => notes,
  }
}

export interface Outcome {
  readonly code: ExitCode
  readonly output: string
  readonly notes: string
}

export async function runCommand(argv: readonly string[], options: ScreenOptions): Promise<Outcome> {
  const screen = openScreen(options)
  const code = await runCommandLine(argv, screen.terminal)
  return { code, output: screen.output(), notes: screen.notes() }
}
