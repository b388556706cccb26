import { parseArgs } from 'node:util'
import { formatBytes } from '../client/format-bytes.ts'
import { findModel, findOwnWorker, modelsElsewhere } from '../client/own-worker.ts'
import type { MeshModel } from '../client/peer-answers.ts'
import { findPeer } from '../client/peer-client.ts'
import type { ModelStatus } from '../protocol/models.ts'
import { describeState, formatTable } from './format.ts'
import { peerOptions } from './peer-options.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export async function runModels(args: string[], terminal: Terminal): Promise<ExitCode> {
  const { values } = parseArgs({ args, options: peerOptions })
  const peer = findPeer(terminal, values.url)
  const own = await findOwnWorker(peer)
  if (values.json) {
    terminal.say(`${JSON.stringify(own.models)}\n`)
    return 0
  }
  const unknown = (await modelsElsewhere(peer, own)).filter(({ id }) => !findModel(own, id))
  const rows = [...own.models.map(describe), ...unknown.map(describeElsewhere)]
  if (rows.length === 0) terminal.say('There is no model on this machine.\n')
  else terminal.say(formatTable([['MODEL', 'STATE', 'SIZE', 'CONTEXT', ''], ...rows]))
  return 0
}

function describe(model: ModelStatus): string[] {
  return [
    model.modelId,
    describeState(model),
    formatBytes(model.sizeBytes),
    `${model.contextTokens} tokens`,
    model.reason ?? (model.pinned ? 'pinned' : ''),
  ]
}

function describeElsewhere({ id, mesh }: MeshModel): string[] {
  const size = formatBytes(mesh.sizeBytes)
  return [id, 'elsewhere', size, `${mesh.contextTokens} tokens`, 'on another Mac; "mlx-mesh load" copies it']
}
