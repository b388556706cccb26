// Programs that a benchmark starts: at their place, known to be ready, and gone when the benchmark is.
import { createInterface } from 'node:readline'
import { type Child, startChild } from '../../main/process/child.ts'
import { type Place, placed } from './cores.ts'

export interface ProgramOptions {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly place: Place
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  /** The line, on either output, with which the program says that it is ready. */
  readonly ready: RegExp
  /** A later line to wait for, too. */
  readonly thenReady?: RegExp
  readonly readyWithinMs: number
}

export interface Program {
  readonly pid: number
  /** What the groups of `ready` matched. */
  readonly matched: readonly string[]
  stop(): Promise<void>
}

const stopGraceMs = 10_000
const keptLines = 20

/** Rejects with the program's last words when it ends or is not ready in time; nothing is left running then. */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const [command, args] = placed(options.place, options.command, options.args)
  const child = startChild({
    command,
    args,
    guarded: true,
    ...(options.env ? { env: { ...process.env, ...options.env } } : {}),
    ...(options.cwd ? { cwd: options.cwd } : {}),
  })
  const lastWords: string[] = []
  try {
    const matched = await waitUntilReady(child, options, lastWords)
    return {
      pid: child.pid,
      matched,
      stop: async () => {
        await child.stop(stopGraceMs)
      },
    }
  } catch (error) {
    await child.stop(stopGraceMs)
    throw new Error([`${options.name} ${String(error)}`, ...lastWords].join('\n  '))
  }
}

function waitUntilReady(child: Child, options: ProgramOptions, lastWords: string[]): Promise<string[]> {
  let matched: RegExpExecArray | null = null
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(`was not ready within ${options.readyWithinMs} ms`),
      options.readyWithinMs,
    )
    child.exited.then(exit => reject(exit.reason)).finally(() => clearTimeout(timer))
    for (const output of [child.stdout, child.stderr]) {
      createInterface({ input: output }).on('line', line => {
        lastWords.push(line)
        if (lastWords.length > keptLines) lastWords.shift()
        matched ??= options.ready.exec(line)
        const done = options.thenReady ? options.thenReady.test(line) : matched !== null
        if (!matched || !done) return
        clearTimeout(timer)
        resolve(matched.slice(1))
      })
    }
  })
}
