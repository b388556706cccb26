// `mlx-mesh serve`: starts a peer, says where it is, starts it anew when its owner asks for that, and stops it in order.

import { CommandError } from '../client/command-error.ts'
import { removeRunFile } from '../client/run-file.ts'
import { makeDataFolder } from '../config/data-folder.ts'
import { type LoadedConfig, type LoadOptions, loadConfig } from '../config/load-config.ts'
import { keyOfOwner } from '../process/owner-channel.ts'
import { refuseSecondPeer } from './second-peer.ts'
import { readServeFlags } from './serve-flags.ts'
import { openServeOutput } from './serve-output.ts'
import { type Attempt, type StartPeer, startTurn, type Turn, type TurnOptions } from './serve-turn.ts'
import { watchStopSignals } from './stop-signals.ts'
import type { ExitCode, Terminal } from './terminal.ts'

const keyWithinMs = 10_000

export async function runServe(
  args: string[],
  terminal: Terminal,
  startPeer: StartPeer = async options => (await import('../peer.ts')).startPeer(options),
): Promise<ExitCode> {
  const flags = readServeFlags(args)
  const layers: LoadOptions = { env: terminal.env, configFile: flags.configFile, flags: flags.overrides }
  let loaded = loadConfig(layers)
  const { dataFolder } = loaded.config
  for (const warning of loaded.warnings) terminal.note(`${warning}\n`)
  openDataFolder(dataFolder)
  await refuseSecondPeer(dataFolder)

  // Both listen before the first message is taken from the channel.
  const key = terminal.env['MLX_MESH_KEY_FROM_OWNER'] === '1' ? keyOfOwner(keyWithinMs) : null
  const signals = watchStopSignals(terminal.env)
  void signals.insisted.then(() => process.exit(1))
  const output = openServeOutput(terminal, flags.json)
  try {
    const meshKey = await key
    const options: TurnOptions = { startPeer, flags, layers, meshKey, terminal, output, signals }
    let turn = await startTurn(options, { loaded, port: null, notes: [] })
    for (;;) {
      const end = await turn.ended
      if (end !== 'restart') return end
      const next = await startAnew(options, loaded, turn.url)
      turn = next.turn
      loaded = next.loaded
    }
  } finally {
    removeRunFile(dataFolder, process.pid)
    signals.release()
  }
}

/** With the configuration as it is saved now, or else with the last one that worked: no Mac is left without a peer. */
async function startAnew(
  options: TurnOptions,
  lastGood: LoadedConfig,
  url: string,
): Promise<{ readonly turn: Turn; readonly loaded: LoadedConfig }> {
  const port = Number(new URL(url).port)
  const notes: string[] = []
  const attempts = [() => loadConfig(options.layers), () => lastGood, () => lastGood]
  for (const [at, load] of attempts.entries()) {
    try {
      const loaded = load()
      const isFree = loaded.config.controller.port === 0
      const attempt: Attempt = { loaded, port: isFree && at < 2 ? port : null, notes: [...notes] }
      return { turn: await startTurn(options, attempt), loaded }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (at === attempts.length - 1) throw error
      const note = `MLX Mesh could not start with the new settings, so the earlier ones are in force: ${reason}`
      if (at === 0) notes.push(note)
      options.terminal.note(`${reason}\n`)
    }
  }
  throw new Error('there was nothing to start with')
}

function openDataFolder(folder: string): void {
  try {
    makeDataFolder(folder)
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error))
  }
}
