// Turns what somebody wrote into the value of a key: `${VAR}` is filled in, text of the environment gets its type.
import { parse } from 'yaml'
import type { Key } from './keys.ts'
import { withoutLogin } from './without-login.ts'

export type Environment = Readonly<Record<string, string | undefined>>
export type Reading =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string }

/** A value out of a file, where YAML has already told numbers from text. */
export function readValue(key: Key, written: unknown, env: Environment): Reading {
  const missing = new Set<string>()
  let substituted = false
  const filled = mapTexts(written, text =>
    text.replaceAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
      substituted = true
      const value = env[name]
      if (value === undefined) missing.add(name)
      return value ?? ''
    }),
  )
  if (missing.size > 0) {
    const names = [...missing].map(name => `\${${name}}`).join(', ')
    return { ok: false, message: `${names} is not set in the environment.` }
  }
  return substituted && typeof filled === 'string' ? readText(key, filled) : check(key, filled)
}

/** A value that stands for itself, whatever is in it. */
export function readLiteral(key: Key, value: unknown): Reading {
  return check(key, value)
}

/** A value that is all text: of the environment, of a flag. Lists are written `a, b`, switches also 1 and 0; anything else as in YAML. */
export function readText(key: Key, text: string): Reading {
  const asText = check(key, text)
  if (asText.ok) return asText
  const asYaml = check(key, parseYaml(text))
  if (asYaml.ok) return asYaml
  const asList = check(key, splitList(text))
  if (asList.ok) return asList
  const asSwitch = check(key, { 0: false, 1: true }[text] ?? text)
  return asSwitch.ok ? asSwitch : asText
}

function check(key: Key, value: unknown): Reading {
  const parsed = key.schema.safeParse(value === null ? undefined : value)
  if (parsed.success) return { ok: true, value: parsed.data }
  const shown = key.secret ? 'this' : withoutLogin(String(JSON.stringify(value)))
  return { ok: false, message: `expected ${key.expected}, not ${shown}.` }
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map(item => mapTexts(item, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapTexts(item, change)]))
}

function parseYaml(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map(item => item.trim())
    .filter(item => item !== '')
}
