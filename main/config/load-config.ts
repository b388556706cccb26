// Puts the layers together: defaults, `cluster.yaml`, environment, settings saved by the app, flags.
import { existsSync, readFileSync } from 'node:fs'
import type { Config } from './config.ts'
import { ConfigError, type Problem } from './config-error.ts'
import { findContradictions } from './contradictions.ts'
import { dataPaths, findDataFolder } from './data-folder.ts'
import { readEnvironment } from './environment-layer.ts'
import { type Key, keys } from './keys.ts'
import { isRecord, nest } from './nest.ts'
import { type Environment, type Reading, readLiteral, readText, readValue } from './read-value.ts'
import { clusterSchema } from './schema.ts'
import type { Setting, Source } from './source.ts'
import { findWarnings } from './warnings.ts'
import { type Layer, readYamlLayer } from './yaml-layer.ts'

export interface LoadOptions {
  /** Instead of `cluster.yaml` in the data folder. */
  readonly configFile?: string | undefined
  /** `{ 'controller.port': { flag: '--port', text: '0' } }` */
  readonly flags?: Readonly<Record<string, { readonly flag: string; readonly text: string }>>
  readonly env?: Environment
  /** The text of `settings.json` as it is to become: tried, before it is written. */
  readonly savedText?: string
}

export interface LoadedConfig {
  readonly config: Config
  /** What the user should know, one line each; the peer starts all the same. */
  readonly warnings: readonly string[]
  /** In the order of the documentation. */
  readonly origins: readonly { readonly key: Key; readonly value: unknown; readonly source: Source }[]
}

/** Throws ConfigError with every problem found. Writes nothing. */
export function loadConfig(options: LoadOptions = {}): LoadedConfig {
  const env = options.env ?? process.env
  const dataFolder = findDataFolder(env)
  const paths = dataPaths(dataFolder)
  const file = readLayer('file', options.configFile ?? paths.clusterFile, options.configFile !== undefined)
  const environment = readEnvironment(env)
  const saved =
    options.savedText === undefined
      ? readLayer('settings', paths.settingsFile, false)
      : readYamlLayer('settings', paths.settingsFile, options.savedText)
  const flags = Object.entries(options.flags ?? {}).map(
    ([key, { flag, text }]): Setting => ({ key, value: text, source: { layer: 'flag', flag } }),
  )

  const problems: Problem[] = [...file.problems, ...environment.problems, ...saved.problems]
  const values = new Map<string, unknown>([...keys].map(([path, key]) => [path, key.defaultValue]))
  const sources = new Map<string, Source>()
  for (const setting of [...file.settings, ...environment.settings, ...saved.settings, ...flags]) {
    const reading = read(setting, env)
    if (reading.ok) {
      values.set(setting.key, reading.value)
      sources.set(setting.key, setting.source)
    } else problems.push({ source: setting.source, key: setting.key, message: reading.message })
  }
  if (problems.length > 0) throw new ConfigError(problems)

  const sourceOf = (key: string): Source => sources.get(key) ?? { layer: 'default' }
  const settings = clusterSchema.parse(nest(values))
  const contradictions = findContradictions(settings, sourceOf)
  if (contradictions.length > 0) throw new ConfigError(contradictions)

  const config: Config = { ...settings, dataFolder }
  freeze(config)
  return {
    config,
    warnings: findWarnings(sources, [...file.deprecated, ...saved.deprecated]),
    origins: [...keys.values()].map(key => ({
      key,
      value: values.get(key.path),
      source: sourceOf(key.path),
    })),
  }
}

function readLayer(layer: 'file' | 'settings', file: string, mustExist: boolean): Layer {
  if (!mustExist && !existsSync(file)) return { settings: [], problems: [], deprecated: [] }
  try {
    return readYamlLayer(layer, file, readFileSync(file, 'utf8'))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ConfigError([
      { source: { layer, file, line: 1 }, key: null, message: `cannot be read: ${reason}` },
    ])
  }
}

function read({ key: path, value, source }: Setting, env: Environment): Reading {
  const key = keys.get(path)
  if (!key) throw new Error(`${path} is no key`)
  switch (source.layer) {
    case 'environment':
    case 'flag':
      return readText(key, String(value))
    case 'settings':
      // They come over HTTP and are shown there: nobody is to read the environment by them.
      return readLiteral(key, value)
    default:
      return readValue(key, value, env)
  }
}

function freeze(value: unknown): void {
  if (!isRecord(value)) return
  for (const inner of Object.values(value)) freeze(inner)
  Object.freeze(value)
}
