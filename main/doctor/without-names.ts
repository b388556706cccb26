// Puts neutral words for what tells whose Macs these are: names, paths, addresses, secrets. The same thing always gets the
// same word, so that what belongs together can still be told.
import { isIPv4, isIPv6 } from 'node:net'

export interface Known {
  /** Never to be shown, whatever they are part of. */
  readonly secrets: readonly string[]
  /** Of Macs, this one first. */
  readonly macs: readonly string[]
  readonly meshes: readonly string[]
  /** Names of the account. */
  readonly users: readonly string[]
  /** Paths and what stands for them; the first that fits is taken. */
  readonly paths: readonly (readonly [path: string, word: string])[]
}

/** Changes every text in a value, and the names of its fields. */
export type Redact = <T>(value: T) => unknown

const ipv4 = /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\w)/g
const ipv6 = /(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])/gi
const macAddress = /(?<![\w:])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![\w:])/gi
const localName = /(?<![\w.-])[\p{L}\p{N}-]+\.local(?![\w-])/giu
const loopback = /^(127\.|0\.0\.0\.0$|::1?$)/

export function createRedact({ secrets, macs, meshes, users, paths }: Known): Redact {
  const words = new Map<string, string>()
  const numbered = (kind: string, text: string) => {
    const key = `${kind} ${text.toLowerCase()}`
    const word =
      words.get(key) ?? `${kind}-${[...words.keys()].filter(each => each.startsWith(`${kind} `)).length + 1}`
    words.set(key, word)
    return word
  }
  // A name and its form in the local network are one Mac.
  const named = [
    ...ofLength(macs, 2).map(name => [name, numbered('mac', name.replace(/\.local$/i, ''))] as const),
    ...ofLength(meshes, 2).map(name => [name, numbered('mesh', name)] as const),
    ...ofLength(users, 3).map(name => [name, 'owner'] as const),
  ]
    .toSorted(([one], [other]) => other.length - one.length)
    .map(([name, word]) => [asWord(name), word] as const)
  const literal = ofLength(secrets, 6).toSorted((a, b) => b.length - a.length)
  const folders = paths.map(
    ([path, word]) => [new RegExp(`${asPattern(path)}(?![\\p{L}\\p{N}_-])`, 'gu'), word] as const,
  )

  return value => change(value)

  function change(value: unknown): unknown {
    if (typeof value === 'string') return changeText(value)
    if (Array.isArray(value)) return value.map(change)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [changeText(name), change(item)]))
  }

  function changeText(text: string): string {
    let changed = text
    for (const secret of literal) changed = changed.replaceAll(secret, '********')
    for (const [pattern, word] of folders) changed = changed.replace(pattern, word)
    for (const [pattern, word] of named) changed = changed.replace(pattern, word)
    return changed
      .replace(localName, name =>
        /^(mac|host)-\d+\.local$/.test(name) ? name : `${numbered('host', name)}.local`,
      )
      .replace(macAddress, '**:**:**:**:**:**')
      .replace(ipv4, address =>
        isIPv4(address) && !loopback.test(address) ? numbered('ip', address) : address,
      )
      .replace(ipv6, address =>
        isIPv6(address) && !loopback.test(address) ? numbered('ip', address) : address,
      )
  }
}

function ofLength(texts: readonly string[], least: number): string[] {
  return [...new Set(texts)].filter(text => text.length >= least)
}

function asWord(name: string): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}_])${asPattern(name)}(?![\\p{L}\\p{N}_])`, 'giu')
}

function asPattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
