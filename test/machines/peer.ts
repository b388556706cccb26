// A peer as its user starts it, on one of several places, and the command line beside it.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { nodeFlags } from '../../scripts/run-node24.mjs'
import { loopback, type Place } from './place.ts'
import { descendantsOf, sendSignal } from './processes.ts'

export interface PeerOptions {
  readonly place: Place
  readonly args?: readonly string[]
  /** `cluster.yaml`; JSON is YAML. */
  readonly cluster?: Readonly<Record<string, unknown>>
  /** Ids and the folders that they stand for. */
  readonly models?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  /** Called with the data folder before the first start. */
  readonly prepare?: (home: string) => void
}

export interface PlacedPeer {
  readonly place: Place
  /** For this process; programs on the place itself use the port. */
  readonly url: string
  readonly port: number
  readonly dataFolder: string
  pid(): number
  /** When the command was given and when the peer said that it serves, in ms of `performance.now()`. */
  readonly begunAtMs: number
  readonly startedAtMs: number
  /** `mlx-mesh ARGS` on the same place. Rejects with what it said when its exit code is not 0. */
  command(...args: readonly string[]): Promise<string>
  /** The same for a command that says something before its end. */
  begin(...args: readonly string[]): RunningCommand
  /** Pids of what the peer started whose command line has this in it. */
  children(part: string): number[]
  /** SIGKILL, to the peer alone: its children notice by themselves. */
  kill(): Promise<void>
  /** Asks it to stop, and waits. */
  stop(): Promise<void>
  /** With the same data folder and settings. */
  startAgain(): Promise<PlacedPeer>
  /** Ends it and removes its data folder. */
  close(): Promise<void>
}

interface RunningCommand {
  /** The first line that it says. */
  readonly firstLine: Promise<string>
  /** Everything that it said. Rejects as `command` does. */
  readonly ended: Promise<string>
}

const root = resolve(import.meta.dirname, '..', '..')
const program = [...nodeFlags, join(root, 'main', 'headless.ts')]
const startsWithinMs = 60_000
const stopGraceMs = 15_000
const commandWithinMs = 60_000
const started = z.object({ event: z.literal('started'), url: z.url(), pid: z.number() })

/** Resolves when it says that it serves. */
export async function startPeerOn(options: PeerOptions): Promise<PlacedPeer> {
  const home = mkdtempSync(join(tmpdir(), 'mlx mesh '))
  mkdirSync(join(home, 'models'))
  for (const [modelId, folder] of Object.entries(options.models ?? {})) {
    symlinkSync(folder, join(home, 'models', modelId))
  }
  options.prepare?.(home)
  if (options.cluster) writeFileSync(join(home, 'cluster.yaml'), JSON.stringify({ cluster: options.cluster }))
  try {
    return await launch(home, options)
  } catch (error) {
    rmSync(home, { recursive: true, force: true })
    throw error
  }
}

async function launch(home: string, options: PeerOptions): Promise<PlacedPeer> {
  const { place } = options
  // On loopback nothing is said on the network that this machine is in.
  const unseen = place === loopback ? { MLX_MESH_DISCOVERY_METHOD: 'nats' } : {}
  const env = { ...process.env, ...unseen, ...options.env, MLX_MESH_HOME: home }
  const begunAtMs = performance.now()
  const child = place.run({
    command: process.execPath,
    args: [...program, 'serve', '--port', '0', '--json', ...(options.args ?? [])],
    cwd: root,
    env,
  })
  let complaints = ''
  child.stderr.on('data', chunk => {
    complaints += chunk
  })
  const line = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no peer in time: ${complaints}`)), startsWithinMs)
    createInterface(child.stdout).once('line', resolve)
    child.exited
      .then(({ reason }) => reject(new Error(`the peer ${reason}: ${complaints}`)))
      .finally(() => clearTimeout(timer))
    child.stdout.once('data', () => clearTimeout(timer))
  }).catch(async error => {
    await child.stop(0)
    throw error
  })
  const startedAtMs = performance.now()
  const { url, pid } = started.parse(JSON.parse(line))
  const port = Number(new URL(url).port)

  return {
    place,
    url: await place.urlOf(port),
    port,
    dataFolder: home,
    begunAtMs,
    startedAtMs,
    pid: () => pid,
    command: (...args) => begin(args).ended,
    begin: (...args) => begin(args),
    children: part =>
      descendantsOf(pid)
        .filter(({ command }) => command.includes(part) && !/^(\/bin\/)?sh /.test(command))
        .map(found => found.pid),
    kill: async () => {
      sendSignal(pid, 'SIGKILL')
      await child.exited
    },
    stop: async () => {
      await child.stop(stopGraceMs)
    },
    startAgain: () => launch(home, options),
    close: async () => {
      await child.stop(stopGraceMs)
      rmSync(home, { recursive: true, force: true, maxRetries: 3 })
    },
  }

  function begin(args: readonly string[]): RunningCommand {
    const running = place.run({ command: process.execPath, args: [...program, ...args], cwd: root, env })
    let said = ''
    for (const output of [running.stdout, running.stderr]) {
      output.on('data', chunk => {
        said += chunk
      })
    }
    const timer = setTimeout(() => running.stop(0), commandWithinMs)
    const closed = new Promise(resolve => running.stdout.once('close', resolve))
    const ended = running.exited.then(async ({ code, reason }) => {
      clearTimeout(timer)
      await closed
      if (code !== 0) throw new Error(`mlx-mesh ${args.join(' ')} ${reason}: ${said}`)
      return said
    })
    const firstLine = new Promise<string>((resolve, reject) => {
      createInterface(running.stdout).once('line', resolve)
      ended.then(() => reject(new Error(`mlx-mesh ${args.join(' ')} said nothing`)), reject)
    })
    // Whoever does not wait for one of them is told by the other one.
    for (const promise of [firstLine, ended]) promise.catch(() => {})
    return { firstLine, ended }
  }
}
