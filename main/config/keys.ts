// Every key of the configuration as a flat list, read off the schema.
import { z } from 'zod'
import { closestTo } from './closest.ts'
import { type KeyInfo, keyInfo } from './key-kinds.ts'
import { clusterSchema } from './schema.ts'

export interface Key extends KeyInfo {
  /** `controller.port` */
  readonly path: string
  readonly segments: readonly string[]
  /** `MLX_MESH_` and the path in capitals; whatever is neither letter nor digit becomes one `_`. */
  readonly variable: string
  readonly schema: z.ZodType
  readonly defaultValue: unknown
}

/** In the order of the documentation. */
export const keys: ReadonlyMap<string, Key> = new Map(listKeys(clusterSchema, []).map(key => [key.path, key]))

const sections = new Set(
  [...keys.values()].flatMap(key => key.segments.map((_, i) => pathOf(key.segments.slice(0, i)))),
)

/** True for `controller` and `controller.api`, also for '' (the root). */
export function isSection(path: string): boolean {
  return sections.has(path)
}

export function pathOf(segments: readonly string[]): string {
  return segments.join('.')
}

/** ` Did you mean "controller.port"?`, or nothing when no key is near. */
export function suggestKey(path: string): string {
  const name = path.slice(path.lastIndexOf('.') + 1)
  const elsewhere = [...keys.keys()].find(known => known.endsWith(`.${name}`))
  const near = closestTo(path, [...keys.keys(), ...sections]) ?? elsewhere ?? null
  return near === null ? '' : ` Did you mean "${near}"?`
}

function listKeys(section: z.ZodObject, above: readonly string[]): Key[] {
  return Object.entries(section.shape).flatMap(([name, schema]) => {
    const segments = [...above, name]
    if (schema instanceof z.ZodObject) return listKeys(schema, segments)
    if (!(schema instanceof z.ZodDefault)) throw new Error(`${pathOf(segments)} has no default`)
    const info = keyInfo.get(schema)
    if (!info) throw new Error(`${pathOf(segments)} says nothing about itself`)
    const path = pathOf(segments)
    return [
      { ...info, path, segments, variable: variableFor(path), schema, defaultValue: schema.parse(undefined) },
    ]
  })
}

function variableFor(path: string): string {
  const name = path.replaceAll(/[^A-Za-z0-9]+/g, '_').replaceAll(/^_|_$/g, '')
  return `MLX_MESH_${name.toUpperCase()}`
}
