import { parseArgs } from 'node:util'
import type { ModelStatus } from '../protocol/models.ts'
import { formatBytes, formatTable } from './format.ts'
import { findOwnWorker } from './own-worker.ts'
import { findPeer } from './peer-client.ts'
import { peerOptions } from './peer-options.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export async function runModels(args: string[], terminal: Terminal): Promise<ExitCode> {
  const { values } = parseArgs({ args, options: peerOptions })
  const { models } = await findOwnWorker(findPeer(terminal, values.url))
  if (values.json) terminal.say(`${JSON.stringify(models)}\n`)
  else if (models.length === 0) terminal.say('There is no model on this machine.\n')
  else terminal.say(formatTable([['MODEL', 'STATE', 'SIZE', 'CONTEXT', ''], ...models.map(describe)]))
  return 0
}

function describe(model: ModelStatus): string[] {
  return [
    model.modelId,
    model.state === 'unloaded' ? 'on disk' : model.state,
    formatBytes(model.sizeBytes),
    `${model.contextTokens} tokens`,
    model.reason ?? '',
  ]
}
