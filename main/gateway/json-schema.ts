import { z } from 'zod'

/** What is nested deeper is no schema of a sane person, and could not be sent on. */
const maxDepth = 256

const tooDeep = `at most ${maxDepth} levels can be nested`

/** A JSON schema that is an object, which the runtime understands or refuses. */
export const jsonSchema = z.record(z.string(), z.unknown()).refine(isShallow, tooDeep)

/** What a tool was called with, where a client says it as values. */
export const callArguments = z.record(z.string(), z.unknown()).refine(isShallow, tooDeep)

/** Level by level: a call for each would need a stack as deep as the value. */
export function isShallow(value: unknown): boolean {
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) return false
    level = level.flatMap(item => (typeof item === 'object' && item !== null ? Object.values(item) : []))
  }
  return true
}
