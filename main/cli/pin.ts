// `mlx-mesh pin` and `unpin`: whether a model stays in the memory of this Mac.
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { CommandError } from '../client/command-error.ts'
import { checkModel, findOwnWorker } from '../client/own-worker.ts'
import { findPeer } from '../client/peer-client.ts'
import { modelStatus } from '../protocol/models.ts'
import { peerOptions } from './peer-options.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export function runPin(args: string[], terminal: Terminal): Promise<ExitCode> {
  return runOrder(args, terminal, true)
}

export function runUnpin(args: string[], terminal: Terminal): Promise<ExitCode> {
  return runOrder(args, terminal, false)
}

const answer = z.looseObject({ model: modelStatus })

async function runOrder(args: string[], terminal: Terminal, pinned: boolean): Promise<ExitCode> {
  const { values, positionals } = parseArgs({ args, options: peerOptions, allowPositionals: true })
  const [modelId, ...more] = positionals
  if (modelId === undefined || more.length > 0) throw new CommandError('expected the id of one model.', 2)
  const peer = findPeer(terminal, values.url)
  const worker = await findOwnWorker(peer)
  await checkModel(peer, worker, modelId)
  const route = `/api/cluster/workers/${worker.workerId}/pin-model`
  const { model } = await peer.post(route, { modelId, pinned }, answer)
  if (values.json) terminal.say(`${JSON.stringify(model)}\n`)
  else
    terminal.say(
      `${modelId} ${pinned ? isPinned(model.state === 'ready') : 'makes room for others again.'}\n`,
    )
  return 0
}

function isPinned(isLoaded: boolean): string {
  const now = isLoaded ? '' : ' It is not loaded now; "mlx-mesh load" loads it.'
  return `is loaded whenever this Mac starts, and stays.${now}`
}
