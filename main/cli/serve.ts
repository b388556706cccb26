// `mlx-mesh serve`: starts a peer, says where it is, and stops it in order.
import type { Config } from '../config/config.ts'
import { makeDataFolder } from '../config/data-folder.ts'
import { loadConfig } from '../config/load-config.ts'
import type { Log } from '../telemetry/log.ts'
import { openLog } from '../telemetry/open-log.ts'
import { watchFatalErrors } from './fatal-errors.ts'
import { explainPortInUse } from './port-owner.ts'
import { removeRunFile, writeRunFile } from './run-file.ts'
import { refuseSecondPeer } from './second-peer.ts'
import { readServeFlags } from './serve-flags.ts'
import { openServeOutput, type ServeOutput } from './serve-output.ts'
import { watchStopSignals } from './stop-signals.ts'
import { CommandError, type ExitCode, type Terminal } from './terminal.ts'
import { version } from './version.ts'

/** What `serve` needs of a running peer. */
export interface ServedPeer {
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
}) => Promise<ServedPeer>

const graceMs = 5000
/** What the peer may need beyond the grace to end its processes. */
const lastResortMs = 5000

export async function runServe(
  args: string[],
  terminal: Terminal,
  startPeer: StartPeer = async options => (await import('../peer.ts')).startPeer(options),
): Promise<ExitCode> {
  const { configFile, overrides, engine, modelIds, json } = readServeFlags(args)
  const { config, warnings } = loadConfig({ env: terminal.env, configFile, flags: overrides })
  for (const warning of warnings) terminal.note(`${warning}\n`)
  openDataFolder(config.dataFolder)
  await refuseSecondPeer(config.dataFolder)

  const log = openLog(config, terminal.readByPerson ? line => terminal.note(line) : null)
  for (const warning of warnings) log.info(warning)
  const signals = watchStopSignals(terminal.env)
  const fatal = watchFatalErrors(log)
  void signals.insisted.then(() => process.exit(1))
  const output = openServeOutput(terminal, json)
  try {
    const starting = startPeer({ config, log, engine, version })
    const peer = await Promise.race([starting, fatal.happened]).catch(error =>
      explainPortInUse(error, config),
    )
    const unfound = leaveRunFile(config.dataFolder, peer.url)
    if (unfound !== null) {
      terminal.note(`${unfound}\n`)
      log.info(unfound)
    }
    output.started(peer.url, config, chooseExample(modelIds, peer.modelIds()))
    if (config.mode !== 'controller') void loadInTurn(peer, modelIds, output)

    const reason = await Promise.race([signals.asked, fatal.happened]).catch(() => null)
    log.info('the peer stops', { reason: reason ?? 'a fatal error' })
    output.stopping(reason === 'SIGINT')
    const timer = setTimeout(() => process.exit(1), graceMs + lastResortMs)
    await peer.stop(reason === null ? 0 : graceMs)
    clearTimeout(timer)
    return reason === null ? 1 : 0
  } finally {
    removeRunFile(config.dataFolder, process.pid)
    signals.release()
    fatal.release()
    await log.close()
  }
}

/** What the user should know when the file cannot be written: on a full disk, serving goes on without it. */
function leaveRunFile(dataFolder: string, url: string): string | null {
  try {
    writeRunFile(dataFolder, { pid: process.pid, url, startedAtMs: Date.now() })
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

function openDataFolder(folder: string): void {
  try {
    makeDataFolder(folder)
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error))
  }
}
