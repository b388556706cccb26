// What must not leave this Mac, as its files have it: the secret of the mesh, keys, tokens, passwords.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { dataPaths } from '../config/data-folder.ts'
import type { LoadedConfig } from '../config/load-config.ts'

/** They are shown, and hold no secret. */
const harmless = new Set(['settings.json', 'sharing.json', 'pinned.json', 'identity.json'])
const shortest = 16

/** Of every other JSON file in the data folder all that is long enough to be a secret, whatever it is called. */
export function keptSecrets(dataFolder: string, origins: LoadedConfig['origins']): string[] {
  const names = listNames(dataFolder).filter(name => name.endsWith('.json') && !harmless.has(name))
  const token = readText(dataPaths(dataFolder).appTokenFile).trim()
  const kept = [token, ...names.flatMap(name => textsOf(readJson(join(dataFolder, name))))]
  const configured = origins.flatMap(({ key, value }) =>
    key.secret && typeof value === 'string' ? [value] : [],
  )
  // A key in PEM has lines, which a log may have apart.
  return [...kept.flatMap(text => text.split('\n')).filter(text => text.length >= shortest), ...configured]
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(textsOf)
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readText(file))
  } catch {
    return null
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
