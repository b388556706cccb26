// A peer as a user starts it: `serve` in a process of its own, with a data folder of its own.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { tinyModelFolder } from './runtime.ts'

export interface ServedPeer {
  readonly url: string
  readonly pid: number
  readonly dataFolder: string
  /** Pids of the processes that the peer started, and that they started. */
  descendants(): readonly Descendant[]
  /** Sends a signal and resolves with the exit code (null when it was killed). */
  end(signal: NodeJS.Signals): Promise<number | null>
  /** Ends it, when it still runs, and removes its data folder. */
  close(): Promise<void>
}

interface Descendant {
  readonly pid: number
  readonly command: string
}

export interface ServeOptions {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** A folder that exists already and is left alone. */
  readonly dataFolder?: string
  /** The checkout that it is served from: this one, if nothing is said. */
  readonly checkout?: string
  /** What Node.js runs: the door in the checkout's source, if nothing is said. */
  readonly program?: string
}

const root = resolve(import.meta.dirname, '..', '..')
/** Nothing is said of it on the network that this machine is in. */
const unseen = { MLX_MESH_DISCOVERY_ENABLED: 'false' }
const startTimeoutMs = 30_000

/** Its models are the starter and `tiny`. */
export async function startServe({
  args = [],
  env = {},
  dataFolder,
  checkout = root,
  program = 'main/headless.ts',
}: ServeOptions = {}): Promise<ServedPeer> {
  const folder = dataFolder ?? mkdtempSync(join(tmpdir(), 'mlx mesh '))
  mkdirSync(join(folder, 'models'), { recursive: true })
  if (!dataFolder) symlinkSync(tinyModelFolder, join(folder, 'models', 'tiny'))
  const child = spawn(process.execPath, [program, 'serve', '--port', '0', '--json', ...args], {
    cwd: checkout,
    env: { ...process.env, ...unseen, ...env, MLX_MESH_HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = new Promise<number | null>(done => child.once('exit', code => done(code)))
  const cleanUp = () => {
    if (!dataFolder) rmSync(folder, { recursive: true, force: true })
  }
  try {
    const { url, pid } = await firstLine(child)
    return {
      url,
      pid,
      dataFolder: folder,
      descendants: () => descendantsOf(pid),
      end: signal => {
        child.kill(signal)
        return exited
      },
      close: async () => {
        child.kill('SIGTERM')
        await exited
        cleanUp()
      },
    }
  } catch (error) {
    child.kill('SIGKILL')
    await exited
    cleanUp()
    throw error
  }
}

const started = z.object({ event: z.literal('started'), url: z.url(), pid: z.number() })

function firstLine(child: ChildProcess): Promise<z.infer<typeof started>> {
  return new Promise((resolve, reject) => {
    if (!child.stdout || !child.stderr) throw new Error('the peer has no output')
    let complaints = ''
    child.stderr.on('data', chunk => {
      complaints += chunk
    })
    const timer = setTimeout(
      () => reject(new Error(`no peer within ${startTimeoutMs} ms: ${complaints}`)),
      startTimeoutMs,
    )
    createInterface(child.stdout).once('line', line => {
      clearTimeout(timer)
      resolve(started.parse(JSON.parse(line)))
    })
    child.once('exit', code => reject(new Error(`the peer ended with ${code}: ${complaints}`)))
  })
}

function descendantsOf(pid: number): Descendant[] {
  const rows = execFileSync('ps', ['-axo', 'pid=,ppid=,command='], { encoding: 'utf8' })
    .split('\n')
    .map(row => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row))
    .filter(match => match !== null)
    .map(([, childPid, parentPid, command = '']) => ({
      pid: Number(childPid),
      parentPid: Number(parentPid),
      command,
    }))
  const found: Descendant[] = []
  const parents = new Set([pid])
  // A child can stand before its parent in the list, so look until nothing new turns up.
  for (let grown = true; grown; ) {
    grown = false
    for (const row of rows) {
      if (!parents.has(row.parentPid) || parents.has(row.pid)) continue
      parents.add(row.pid)
      found.push({ pid: row.pid, command: row.command })
      grown = true
    }
  }
  return found
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
