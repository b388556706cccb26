// The settings that the app saves for the owner: shown with where each came from, tried together with everything else
// before they are written, and told apart into what is in force and what waits for a restart.
import { existsSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Setting, SettingProblem, SettingsAnswer } from '../protocol/settings.ts'
import type { Config } from './config.ts'
import { ConfigError } from './config-error.ts'
import { controlOf } from './control.ts'
import { dataPaths } from './data-folder.ts'
import type { KeyInfo } from './key-kinds.ts'
import { keys, suggestKey } from './keys.ts'
import { type LoadedConfig, type LoadOptions, loadConfig } from './load-config.ts'
import { flatten, nest } from './nest.ts'
import { shownValue } from './shown-value.ts'
import { describeSource, type Source } from './source.ts'
import { writeFileAtomically } from './write-file.ts'
import { readYamlLayer } from './yaml-layer.ts'

export interface SavedSettings {
  read(): SettingsAnswer
  /** All or nothing: what is wrong with which key; nothing, when it is saved. */
  change(changes: Readonly<Record<string, unknown>>): readonly SettingProblem[]
  /** Why nothing could start with what is saved now, for a reader; null: it could. */
  refusal(): string | null
}

export interface SavedSettingsOptions {
  /** With what the peer started. */
  readonly loaded: LoadedConfig
  /** Where that came from, to look there again. */
  readonly layers: LoadOptions
  /** What else the owner should know of this start. */
  readonly notes: readonly string[]
  /** Called with a configuration whose keys that apply at once have changed. */
  readonly apply: (config: Config) => void
}

/** What these keys say is asked for again and again: a change needs no restart. */
const atOnce = /^sharing\./

export function openSavedSettings({ loaded, layers, notes, apply }: SavedSettingsOptions): SavedSettings {
  const file = dataPaths(loaded.config.dataFolder).settingsFile
  const inForce = flatten(loaded.config)

  return { read, change, refusal }

  function read(): SettingsAnswer {
    const { origins, warnings } = lookAgain()
    return {
      settings: origins.map(describe),
      pending: origins
        .filter(({ key, value }) => !isDeepStrictEqual(value, inForce.get(key.path)))
        .map(({ key }) => key.path),
      warnings: [...notes, ...warnings],
    }
  }

  /** What somebody has broken in a file meanwhile changes nothing before the next start, which it prevents. */
  function lookAgain(): Pick<LoadedConfig, 'origins' | 'warnings'> {
    try {
      return loadConfig(layers)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      return { origins: loaded.origins, warnings: [...loaded.warnings, ...error.message.split('\n')] }
    }
  }

  function refusal(): string | null {
    try {
      loadConfig(layers)
      return null
    } catch (error) {
      if (error instanceof ConfigError) return error.message
      throw error
    }
  }

  function change(changes: Readonly<Record<string, unknown>>): readonly SettingProblem[] {
    const sources = new Map(lookAgain().origins.map(({ key, source }) => [key.path, source]))
    const refused = Object.keys(changes).flatMap(path => refuse(path, sources.get(path)))
    if (refused.length > 0) return refused
    const values = savedValues()
    for (const [path, value] of Object.entries(changes)) {
      if (value === null) values.delete(path)
      else values.set(path, value)
    }
    const savedText = `${JSON.stringify({ cluster: nest(values) }, null, 2)}\n`
    try {
      const { config } = loadConfig({ ...layers, savedText })
      const trouble = save(savedText)
      if (trouble) return [trouble]
      applyNow(config)
      return []
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      return error.problems.map(({ key, message }) => ({ key: key ?? '', message }))
    }
  }

  function save(text: string): SettingProblem | null {
    try {
      writeFileAtomically(file, text)
      return null
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      return { key: '', message: `the settings could not be written: ${reason}` }
    }
  }

  function applyNow(config: Config): void {
    for (const [path, value] of flatten(config)) if (atOnce.test(path)) inForce.set(path, value)
    apply(config)
  }

  function savedValues(): Map<string, unknown> {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
    return new Map(readYamlLayer('settings', file, text).settings.map(({ key, value }) => [key, value]))
  }
}

function refuse(path: string, source: Source | undefined): SettingProblem[] {
  const key = keys.get(path)
  if (!key) return [{ key: path, message: `unknown key.${suggestKey(path)}` }]
  const reason = whyReadOnly(key, source)
  return reason === null ? [] : [{ key: path, message: reason }]
}

/** Why a key cannot be changed over HTTP; null: it can. */
function whyReadOnly({ onlyByFile, notYet }: KeyInfo, source: Source | undefined): string | null {
  if (onlyByFile) return 'This is changed in cluster.yaml only, for safety.'
  if (notYet) return 'This has no effect in this release yet.'
  if (source?.layer !== 'flag') return null
  return `This was given as ${source.flag} at the start, which has the last word.`
}

function describe(origin: LoadedConfig['origins'][number]): Setting {
  const { key, source } = origin
  return {
    key: key.path,
    meaning: key.meaning,
    expected: key.expected,
    control: controlOf(key.schema),
    value: shownValue(origin),
    defaultValue: key.defaultValue,
    source: source.layer,
    sourceText: sourceText(source),
    readOnlyReason: whyReadOnly(key, source),
  }
}

function sourceText(source: Source): string {
  if (source.layer === 'settings') return 'Settings'
  return source.layer === 'file' ? `${basename(source.file)}, line ${source.line}` : describeSource(source)
}
