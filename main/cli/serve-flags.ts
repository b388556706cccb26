import { parseArgs } from 'node:util'
import { CommandError } from '../client/command-error.ts'

export interface ServeFlags {
  readonly configFile: string | undefined
  /** Keys of the configuration that were given as flags. */
  readonly overrides: Readonly<Record<string, { readonly flag: string; readonly text: string }>>
  /** `mlx`, or `scripted` and perhaps its script after a colon. */
  readonly engine: string
  /** Models to load at start. */
  readonly modelIds: readonly string[]
  readonly json: boolean
}

export function readServeFlags(args: string[]): ServeFlags {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string' },
      config: { type: 'string' },
      load: { type: 'string', multiple: true, default: [] },
      engine: { type: 'string', default: 'mlx' },
      json: { type: 'boolean', default: false },
    },
  })
  if (!/^(mlx|scripted(:.*)?)$/.test(values.engine)) {
    throw new CommandError(`--engine: expected mlx or scripted, not "${values.engine}".`, 2)
  }
  return {
    configFile: values.config,
    overrides: values.port === undefined ? {} : { 'controller.port': { flag: '--port', text: values.port } },
    engine: values.engine,
    modelIds: values.load,
    json: values.json,
  }
}
