// What is left for a caller, in the headers that OpenAI sends.
import type { Budget } from '../access/access.ts'
import type { Allowance } from '../access/token-buckets.ts'

const kinds = ['requests', 'tokens'] as const

export const budgetHeaderNames: readonly string[] = kinds.flatMap(kind =>
  ['limit', 'remaining', 'reset'].map(what => `x-ratelimit-${what}-${kind}`),
)

/** `name, value …` */
export function budgetHeaders(budget: Budget): readonly string[] {
  return kinds.flatMap(kind => {
    const left = budget[kind]
    return left === null ? [] : headersOf(kind, left)
  })
}

function headersOf(kind: string, { limit, remaining, fullInMs }: Allowance): readonly string[] {
  return [
    `x-ratelimit-limit-${kind}`,
    String(limit),
    `x-ratelimit-remaining-${kind}`,
    String(remaining),
    `x-ratelimit-reset-${kind}`,
    sayDuration(fullInMs),
  ]
}

/** `600ms`, `1s`, `6m0s`, as OpenAI does. */
function sayDuration(ms: number): string {
  if (ms < 1000) return `${ms}ms`
  const seconds = Math.ceil(ms / 1000)
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
}
