import { keys } from './keys.ts'

/** `a.b → 1` as `{ a: { b: 1 } }`, in the order of the documentation. */
export function nest(values: ReadonlyMap<string, unknown>): Record<string, unknown> {
  const root: Record<string, unknown> = {}
  for (const { path, segments } of keys.values()) {
    if (!values.has(path)) continue
    let section = root
    for (const name of segments.slice(0, -1)) {
      const known = section[name]
      const inner = isRecord(known) ? known : {}
      section[name] = inner
      section = inner
    }
    section[segments.at(-1) ?? ''] = values.get(path)
  }
  return root
}

/** The values of all keys in what `nest` made, by path. */
export function flatten(root: unknown): Map<string, unknown> {
  const values = new Map<string, unknown>()
  for (const { path, segments } of keys.values()) {
    let value = root
    for (const name of segments) value = isRecord(value) ? value[name] : undefined
    values.set(path, value)
  }
  return values
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
