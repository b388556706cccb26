// The table below *is* the diagram of the house: which room may import which.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { describe, expect, test } from 'vitest'

const leaves = ['protocol', 'config', 'process', 'telemetry']

const allowed: Record<string, readonly string[]> = {
  protocol: [],
  process: [],
  config: ['protocol'],
  telemetry: ['protocol', 'config'],
  fabric: leaves,
  routing: ['protocol'],
  membership: ['fabric', ...leaves],
  cluster: ['fabric', ...leaves],
  engine: leaves,
  hub: leaves,
  worker: ['engine', 'fabric', 'hub', ...leaves],
  gateway: ['routing', 'cluster', 'membership', 'fabric', ...leaves],
  client: leaves,
  doctor: ['client', ...leaves],
  cli: ['client', 'doctor', ...leaves, 'peer.ts'],
  desktop: leaves,
}

/** The doors and the builder may open every room. */
const unbound = ['peer.ts', 'headless.ts', 'app.ts']

const main = resolve(import.meta.dirname, '..', 'main')
const files = readdirSync(main, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'))

describe('the house', () => {
  test('has no room that the table does not know', () => {
    const rooms = new Set(files.map(room).filter(name => !unbound.includes(name)))
    expect([...rooms].sort()).toEqual(Object.keys(allowed).sort())
  })

  test('has no import that the table does not allow', () => {
    const wrong = files.filter(file => !unbound.includes(file)).flatMap(forbiddenImports)
    expect(wrong).toEqual([])
  })

  test('keeps Electron at the rim', () => {
    const importing = files.filter(file => imports(file).some(name => name === 'electron'))
    expect(importing.filter(file => file !== 'app.ts' && room(file) !== 'desktop')).toEqual([])
  })

  test('keeps the pure centre free of input, output and timers', () => {
    const pure = files.filter(file => room(file) === 'routing' || room(file) === 'protocol')
    const impure = pure.filter(file => {
      const text = readFileSync(join(main, file), 'utf8')
      const usesTimers = /\b(setTimeout|setInterval|setImmediate|Date\.now)\b/.test(text)
      return (
        imports(file).some(name => name.startsWith('node:')) ||
        (usesTimers && file !== join('protocol', 'clock.ts'))
      )
    })
    expect(impure).toEqual([])
  })

  test('has no file that is too long to read in one sitting', () => {
    const long = files.filter(file => readFileSync(join(main, file), 'utf8').split('\n').length > 350)
    expect(long).toEqual([])
  })
})

function forbiddenImports(file: string): string[] {
  const from = room(file)
  return imports(file)
    .filter(name => name.startsWith('.'))
    .map(name => relative(main, resolve(main, dirname(file), name)))
    .filter(target => !target.startsWith('..'))
    .filter(target => room(target) !== from && !allowed[from]?.includes(room(target)))
    .map(target => `${file} imports ${target}`)
}

function imports(file: string): string[] {
  const text = readFileSync(join(main, file), 'utf8')
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(match => match[1] ?? '')
}

function room(file: string): string {
  return file.split(sep)[0] ?? file
}
