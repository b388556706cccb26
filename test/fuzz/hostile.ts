// How a body that makes sense is spoiled.
import type { Random } from '../support/random.ts'
import { anything, deep, grammars, type Maker, numbers, patterns, schemas, texts } from './hostile-values.ts'

const names = [
  '__proto__',
  'constructor',
  'tools',
  'n',
  'logprobs',
  'stream',
  'x'.repeat(5000),
  '\u0000',
  'suffix',
  'images',
  'guided_json',
  'guided_regex',
  'format',
  'pattern',
]
/** Where a value of that kind is read. */
const kinds: ReadonlyMap<string, readonly Maker[]> = new Map([
  ...['guided_regex', 'pattern', 'regex'].map(name => [name, patterns] as const),
  ...['guided_grammar', 'grammar'].map(name => [name, grammars] as const),
  ...['parameters', 'schema', 'input_schema', 'guided_json', 'format', 'items', 'city', 'days'].map(
    name => [name, schemas] as const,
  ),
])

/** Mostly one place of a copy of the body, but up to three, hold something else, are gone, or are new. */
export function spoil(body: unknown, random: Random): unknown {
  const copy: unknown = structuredClone(body)
  const chance = random.next()
  for (let times = chance < 0.7 ? 1 : chance < 0.9 ? 2 : 3; times > 0; times--) spoilOnce(copy, random)
  return copy
}

function spoilOnce(root: unknown, random: Random): void {
  let at = root
  while (isContainer(at)) {
    const keys = Object.keys(at)
    const key = keys.length > 0 ? random.of(keys) : '0'
    const inner: unknown = Reflect.get(at, key)
    if (isContainer(inner) && random.next() < 0.7) {
      at = inner
      continue
    }
    const what = random.next()
    if (what < 0.8) define(at, key, random.of(makersFor(key, inner, random))())
    else if (what < 0.9) Reflect.deleteProperty(at, key)
    else {
      const name = random.of(names)
      define(at, name, random.of(makersFor(name, undefined, random))())
    }
    return
  }
}

/** Mostly of the kind that belongs there: what is of another kind does not come far. */
function makersFor(key: string, value: unknown, random: Random): readonly Maker[] {
  if (random.next() < 0.25) return anything
  const kind = kinds.get(key)
  if (kind) return kind
  if (typeof value === 'number') return numbers
  return typeof value === 'string' ? texts : anything
}

/** Also where the name is `__proto__`. */
function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** What is no JSON at all, or JSON that nobody should send. */
export function spoilText(text: string, random: Random): string | Uint8Array<ArrayBuffer> {
  const at = Math.floor(random.next() * text.length)
  const inserted = ['\u0000', '"', '}', ',', '\\', '\\ud800', '1e999999', '-']
  return random.of([
    () => text.slice(0, at),
    () => text.slice(0, at) + random.of(inserted) + text.slice(at),
    () => deep(20_000),
    () => `{"model":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`,
    () => '',
    () => '[]',
    () => 'NaN',
    () => Uint8Array.from([0xff, 0xfe, 0x7b, 0x7d]),
    () => text.replace('"model"', '"model":"a","model"'),
  ])()
}
