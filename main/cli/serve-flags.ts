import { parseArgs } from 'node:util'
import { CommandError } from './terminal.ts'

const engineKinds = ['mlx', 'scripted'] as const
export type EngineKind = (typeof engineKinds)[number]

export interface ServeFlags {
  readonly configFile: string | undefined
  /** Keys of the configuration that were given as flags. */
  readonly overrides: Readonly<Record<string, { readonly flag: string; readonly text: string }>>
  readonly engineKind: EngineKind
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
  const engineKind = engineKinds.find(kind => kind === values.engine)
  if (!engineKind) {
    throw new CommandError(`--engine: expected mlx or scripted, not "${values.engine}".`, 2)
  }
  return {
    configFile: values.config,
    overrides: values.port === undefined ? {} : { 'controller.port': { flag: '--port', text: values.port } },
    engineKind,
    modelIds: values.load,
    json: values.json,
  }
}
