import { CommandError } from '../client/command-error.ts'
import { isPeerAlive } from '../client/peer-alive.ts'
import { readRunFile } from '../client/run-file.ts'

/** Two peers in one data folder would be one worker twice. */
export async function refuseSecondPeer(dataFolder: string): Promise<void> {
  const running = readRunFile(dataFolder)
  if (!running || running.pid === process.pid || !(await isPeerAlive(running))) return
  throw new CommandError(
    `a peer already runs with this data folder, at ${running.url} (process ${running.pid}).\n` +
      'Stop it first, or give this one a data folder of its own with MLX_MESH_HOME.',
  )
}
