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
  web: [],
  hub: ['web', ...leaves],
  worker: ['engine', 'fabric', 'hub', ...leaves],
  access: leaves,
  gateway: ['web', 'access', 'routing', 'cluster', 'membership', 'fabric', ...leaves],
  client: leaves,
  doctor: ['client', ...leaves],
  cli: ['client', 'doctor', ...leaves, 'peer.ts'],
  desktop: leaves,
}

/** The doors and the builder may open every room. */
const unbound = ['peer.ts', 'open-entrance.ts', 'headless.ts', 'app.ts']

const root = resolve(import.meta.dirname, '..')
const main = join(root, 'main')
const files = filesOf('main').map(file => relative(main, file))

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

  test('gives the page nothing of the peer but its protocol, and of the app but its bridge', () => {
    const foreign = filesOf('renderer').flatMap(file =>
      importsOf(file)
        .filter(name => name.startsWith('.'))
        .map(name => relative(root, resolve(dirname(file), name)))
        .filter(target => !/^(renderer|main\/protocol)\/|^preload\/bridge\.ts$/.test(target))
        .map(target => `${relative(root, file)} imports ${target}`),
    )
    expect(foreign).toEqual([])
  })

  test('has no file that is too long to read in one sitting', () => {
    const all = ['main', 'preload', 'renderer'].flatMap(filesOf)
    const long = all.filter(file => readFileSync(file, 'utf8').split('\n').length > 350)
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

function filesOf(folder: string): string[] {
  const there = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  return there.filter(file => /\.tsx?$/.test(file)).map(file => join(root, folder, file))
}

function imports(file: string): string[] {
  return importsOf(join(main, file))
}

function importsOf(path: string): string[] {
  const text = readFileSync(path, 'utf8')
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(match => match[1] ?? '')
}

function room(file: string): string {
  return file.split(sep)[0] ?? file
}
