// The command line: picks the command, prints help, turns what a command throws into an exit code.

import { CommandError } from '../client/command-error.ts'
import { closestTo } from '../config/closest.ts'
import { ConfigError } from '../config/config-error.ts'
import { MeshError } from '../protocol/errors.ts'
import { commands } from './commands.ts'
import { type ExitCode, openTerminal, type Terminal } from './terminal.ts'
import { version } from './version.ts'

/** `argv` without the program's name. */
export async function runCommandLine(
  argv: readonly string[],
  terminal: Terminal = openTerminal(),
): Promise<ExitCode> {
  const [name, ...args] = argv
  if (name === '--version' || name === '-v') return print(terminal, `${version}\n`)
  if (name === 'help' && args[0] !== undefined) return runCommandLine([args[0], '--help'], terminal)
  if (name === undefined || name === 'help' || name.startsWith('-')) {
    const asked = name === undefined || ['help', '--help', '-h'].includes(name)
    return asked ? print(terminal, overview()) : misuse(terminal, `unknown option ${name}`)
  }
  const command = commands.get(name)
  if (!command) {
    const near = closestTo(name, commands.keys())
    return misuse(terminal, `there is no command "${name}".${near ? ` Did you mean "${near}"?` : ''}`)
  }
  if (wantsHelp(args)) return print(terminal, command.help)
  try {
    return await (await command.load())(args, terminal)
  } catch (error) {
    return complain(name, error, terminal)
  }
}

function complain(command: string, error: unknown, terminal: Terminal): ExitCode {
  if (error instanceof CommandError) {
    terminal.note(`mlx-mesh ${command}: ${error.message}\n`)
    return error.exitCode
  }
  if (error instanceof ConfigError) {
    terminal.note(`The configuration cannot be used:\n${error.message.replaceAll(/^/gm, '  ')}\n`)
    return 2
  }
  if (error instanceof MeshError) {
    terminal.note(`mlx-mesh ${command}: ${error.message}\n`)
    return 1
  }
  if (isParseArgsError(error)) {
    terminal.note(`mlx-mesh ${command}: ${error.message}\nSee: mlx-mesh ${command} --help\n`)
    return 2
  }
  terminal.note(
    `mlx-mesh ${command}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  )
  return 1
}

function isParseArgsError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
}

function wantsHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return (end < 0 ? args : args.slice(0, end)).some(arg => arg === '--help' || arg === '-h')
}

function overview(): string {
  const rows = [...commands].map(([name, { summary }]) => `  ${name.padEnd(11)} ${summary}`)
  return [
    'MLX Mesh: one private OpenAI endpoint out of the Macs on your network.',
    '',
    'Usage: mlx-mesh COMMAND [OPTIONS]',
    '',
    ...rows,
    '',
    'Every command takes --help, and --json for answers that programs read.',
    'Exit codes: 0 done; 1 it failed; 2 the command line or the configuration is wrong.',
    '',
  ].join('\n')
}

function print(terminal: Terminal, text: string): ExitCode {
  terminal.say(text)
  return 0
}

function misuse(terminal: Terminal, message: string): ExitCode {
  terminal.note(`mlx-mesh: ${message}\nSee: mlx-mesh --help\n`)
  return 2
}
