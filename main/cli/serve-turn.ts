// One peer from its start to its end; `serve` begins another one where a restart was asked for.

import { explainPortInUse } from '../client/port-owner.ts'
import { writeRunFile } from '../client/run-file.ts'
import type { Config } from '../config/config.ts'
import type { LoadedConfig, LoadOptions } from '../config/load-config.ts'
import type { Log } from '../telemetry/log.ts'
import { openLog } from '../telemetry/open-log.ts'
import { watchFatalErrors } from './fatal-errors.ts'
import type { ServeFlags } from './serve-flags.ts'
import type { ServeOutput } from './serve-output.ts'
import { appQuits, type StopSignals } from './stop-signals.ts'
import type { ExitCode, Terminal } from './terminal.ts'
import { version } from './version.ts'

/** What `serve` needs of a running peer. */
interface ServedPeer {
  /** `http://127.0.0.1:8080` */
  readonly url: string
  /** Models on this machine's disk. */
  modelIds(): readonly string[]
  /** Resolves when the model answers at once. */
  loadModel(modelId: string): Promise<void>
  /** Lets running answers end for so long. */
  stop(graceMs: number): Promise<void>
}

export type StartPeer = (options: {
  readonly config: Config
  readonly log: Log
  readonly engine: string
  readonly version: string
  /** Seals what the peer keeps of its mesh; null: it lies open, for its owner alone. */
  readonly meshKey: Uint8Array | null
  readonly house: {
    readonly loaded: LoadedConfig
    readonly layers: LoadOptions
    readonly notes: readonly string[]
    restart(): void
  }
}) => Promise<ServedPeer>

export interface TurnOptions {
  readonly startPeer: StartPeer
  readonly flags: ServeFlags
  readonly layers: LoadOptions
  readonly meshKey: Uint8Array | null
  readonly terminal: Terminal
  readonly output: ServeOutput
  readonly signals: StopSignals
}

/** What the peer starts with. */
export interface Attempt {
  readonly loaded: LoadedConfig
  /** The port of the turn before, where the configuration names none; null: as configured. */
  readonly port: number | null
  readonly notes: readonly string[]
}

export interface Turn {
  readonly url: string
  /** Resolves when the peer has ended. */
  readonly ended: Promise<ExitCode | 'restart'>
}

const graceMs = 5000
/** Nobody waits at a terminal: answers in hand may take their time. Whoever quits the app twice does not wait. */
const patientGraceMs = 30_000
/** What the peer may need beyond the grace to end its processes. */
const lastResortMs = 5000

/** Rejects when nothing can be started so, and leaves nothing running. */
export async function startTurn(options: TurnOptions, { loaded, port, notes }: Attempt): Promise<Turn> {
  const { startPeer, flags, layers, meshKey, terminal, output } = options
  const { config } = loaded
  const log = openLog(config, terminal.readByPerson ? line => terminal.note(line) : null)
  for (const line of [...notes, ...loaded.warnings]) log.info(line)
  const fatal = watchFatalErrors(log)
  const restart = Promise.withResolvers<'restart'>()
  const house = { loaded, layers, notes, restart: () => restart.resolve('restart') }
  const close = async () => {
    fatal.release()
    await log.close()
  }
  try {
    const starting = startPeer({
      config: onPort(config, port),
      log,
      engine: flags.engine,
      version,
      meshKey,
      house,
    })
    const peer = await Promise.race([starting, fatal.happened]).catch(error =>
      explainPortInUse(error, config, flags.json),
    )
    const unfound = leaveRunFile(config.dataFolder, peer.url)
    if (unfound !== null) {
      terminal.note(`${unfound}\n`)
      log.info(unfound)
    }
    output.started(peer.url, config, chooseExample(flags.modelIds, peer.modelIds()))
    if (config.mode !== 'controller') void loadInTurn(peer, flags.modelIds, output)
    const asked = Promise.race([options.signals.asked, fatal.happened, restart.promise]).catch(() => null)
    const ended = asked.then(reason => {
      if (reason === 'restart') leaveRunFile(config.dataFolder, peer.url, Date.now())
      return end(peer, reason, log, options)
    })
    return { url: peer.url, ended: ended.finally(close) }
  } catch (error) {
    await close()
    throw error
  }
}

/** `reason`: a signal, or null after a fatal error. */
async function end(
  peer: ServedPeer,
  reason: string | null,
  log: Log,
  { output, signals }: TurnOptions,
): Promise<ExitCode | 'restart'> {
  log.info('the peer stops', { reason: reason ?? 'a fatal error' })
  const isRestart = reason === 'restart'
  const exitAfter = (ms: number) => setTimeout(() => process.exit(1), ms)
  const ownGraceMs = isRestart || reason === appQuits ? patientGraceMs : graceMs
  let timer = exitAfter(ownGraceMs + lastResortMs)
  let isStopAsked = false
  let isOver = false
  if (isRestart) {
    output.restarting()
    void signals.asked.then(() => {
      if (isOver) return
      isStopAsked = true
      clearTimeout(timer)
      timer = exitAfter(graceMs + lastResortMs)
    })
  } else output.stopping(reason === 'SIGINT')
  await peer.stop(reason === null ? 0 : ownGraceMs)
  isOver = true
  clearTimeout(timer)
  if (reason !== 'restart') return reason === null ? 1 : 0
  return isStopAsked ? 0 : 'restart'
}

/** Apps keep the address that they know. */
function onPort(config: Config, port: number | null): Config {
  return port === null ? config : { ...config, controller: { ...config.controller, port } }
}

/** What the user should know when the file cannot be written: on a full disk, serving goes on without it. */
function leaveRunFile(dataFolder: string, url: string, restartingAtMs?: number): string | null {
  try {
    const restarting = restartingAtMs === undefined ? {} : { restartingAtMs }
    writeRunFile(dataFolder, { pid: process.pid, url, startedAtMs: Date.now(), ...restarting })
    return null
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return `this peer cannot be found by other commands, which need --url ${url}: ${reason}`
  }
}

/** The model in the example: one that is about to be loaded, or any other. */
function chooseExample(wanted: readonly string[], onDisk: readonly string[]): string | null {
  return wanted.find(modelId => onDisk.includes(modelId)) ?? onDisk[0] ?? null
}

async function loadInTurn(peer: ServedPeer, modelIds: readonly string[], output: ServeOutput): Promise<void> {
  for (const modelId of modelIds) {
    const beganMs = performance.now()
    output.loading(modelId)
    await peer.loadModel(modelId).then(
      () => output.ready(modelId, performance.now() - beganMs),
      error => output.loadFailed(modelId, error),
    )
  }
}
