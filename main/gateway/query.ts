// What questions carry behind the path, checked. Each throws HttpError 400.
import { invalid } from './errors.ts'
import type { Exchange } from './exchange.ts'

export function textIn({ query }: Exchange, name: string): string | null {
  const given = query.get(name)
  return given === null || given === '' ? null : given
}

export function choiceIn<const T extends string>(
  exchange: Exchange,
  name: string,
  choices: readonly T[],
): T | null {
  const given = textIn(exchange, name)
  if (given === null) return null
  const known = choices.find(candidate => candidate === given)
  if (known !== undefined) return known
  throw invalid(name, `Invalid value for '${name}': expected one of ${choices.join(', ')}.`)
}

export function limitIn(exchange: Exchange, otherwise: number, most: number): number {
  const limit = Number(textIn(exchange, 'limit') ?? otherwise)
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return limit
  throw invalid('limit', `Invalid value for 'limit': expected a whole number from 1 to ${most}.`)
}

/** Milliseconds since the epoch. */
export function timeIn(exchange: Exchange, name: string): number | null {
  const given = textIn(exchange, name)
  if (given === null) return null
  const timeMs = Number(given)
  if (Number.isFinite(timeMs)) return timeMs
  throw invalid(name, `Invalid value for '${name}': expected milliseconds since 1970.`)
}
