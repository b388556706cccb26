import { parseArgs } from 'node:util'
import { loadConfig } from '../config/load-config.ts'
import { shownValue } from '../config/shown-value.ts'
import { describeSource } from '../config/source.ts'
import { formatTable } from './format.ts'
import type { ExitCode, Terminal } from './terminal.ts'

/** Prints every key with its value and where that came from. */
export async function runConfig(args: string[], terminal: Terminal): Promise<ExitCode> {
  const { values } = parseArgs({
    args,
    options: { config: { type: 'string' }, json: { type: 'boolean', default: false } },
  })
  const { config, origins, warnings } = loadConfig({ env: terminal.env, configFile: values.config })
  if (values.json) {
    const keys = origins.map(origin => ({
      key: origin.key.path,
      value: shownValue(origin),
      source: describeSource(origin.source),
      variable: origin.key.variable,
    }))
    terminal.say(`${JSON.stringify({ dataFolder: config.dataFolder, keys, warnings })}\n`)
    return 0
  }
  terminal.say(`Data folder: ${config.dataFolder}\n\n`)
  terminal.say(
    formatTable(
      origins.map(origin => [
        origin.key.path,
        JSON.stringify(shownValue(origin)),
        describeSource(origin.source),
      ]),
    ),
  )
  for (const warning of warnings) terminal.note(`${warning}\n`)
  return 0
}
