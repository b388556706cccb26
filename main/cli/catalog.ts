import { parseArgs } from 'node:util'
import { formatBytes } from '../client/format-bytes.ts'
import { findPeer } from '../client/peer-client.ts'
import { type CatalogAnswer, catalogAnswer } from '../protocol/settings.ts'
import { formatTable } from './format.ts'
import { peerOptions } from './peer-options.ts'
import type { ExitCode, Terminal } from './terminal.ts'

const fitTexts = { well: 'well', tight: 'tight', no: 'too large' } as const

export async function runCatalog(args: string[], terminal: Terminal): Promise<ExitCode> {
  const { values } = parseArgs({ args, options: peerOptions })
  const { models } = await findPeer(terminal, values.url).get('/api/catalog', catalogAnswer)
  if (values.json) terminal.say(`${JSON.stringify(models)}\n`)
  else if (models.length === 0) terminal.say('There is no model that this machine may download.\n')
  else terminal.say(formatTable([['MODEL', 'SIZE', 'FITS', ''], ...models.map(describe)]))
  return 0
}

function describe({ modelId, sizeBytes, fits, onDisk, summary }: CatalogAnswer['models'][number]): string[] {
  return [modelId, formatBytes(sizeBytes), fitTexts[fits], onDisk ? `on disk: ${summary}` : summary]
}
