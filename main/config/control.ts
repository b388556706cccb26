// How a key is edited, read off its type.
import { z } from 'zod'
import type { Setting } from '../protocol/settings.ts'

type Control = Setting['control']

export function controlOf(schema: z.ZodType): Control {
  const type = innermost(schema)
  if (type instanceof z.ZodBoolean) return { kind: 'switch' }
  if (type instanceof z.ZodEnum) return { kind: 'choice', options: type.options.map(String) }
  if (type instanceof z.ZodArray) return { kind: 'list' }
  if (!(type instanceof z.ZodNumber)) return { kind: 'text' }
  const { minValue, maxValue } = type
  return {
    kind: 'number',
    min: bound(minValue),
    max: bound(maxValue),
    whole: type.format === 'safeint',
  }
}

function innermost(schema: unknown): unknown {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodNullable) return innermost(schema.unwrap())
  return schema
}

function bound(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null
}
