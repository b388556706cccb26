// The mesh's models as Anthropic's interface lists them.
import type { Exchange } from '../exchange.ts'
import { limitIn, textIn } from '../query.ts'

interface Listed {
  readonly id: string
  /** Seconds since the epoch. */
  readonly created: number
  readonly mesh: { readonly contextTokens: number }
}

const mostModels = 1000

/** One page: `limit`, `after_id` and `before_id` as there; without a limit all of them. */
export function pageOfModels(models: readonly Listed[], exchange: Exchange) {
  const limit = limitIn(exchange, mostModels, mostModels)
  const after = models.findIndex(({ id }) => id === textIn(exchange, 'after_id'))
  const before = models.findIndex(({ id }) => id === textIn(exchange, 'before_id'))
  const left = before < 0 ? models.slice(after + 1) : models.slice(Math.max(0, before - limit), before)
  const data = left.slice(0, limit).map(describeModel)
  const hasMore = before < 0 ? left.length > limit : before > limit
  return { data, has_more: hasMore, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null }
}

export function describeModel({ id, created, mesh }: Listed) {
  return {
    type: 'model',
    id,
    display_name: id,
    created_at: new Date(created * 1000).toISOString(),
    max_input_tokens: mesh.contextTokens,
    max_tokens: mesh.contextTokens,
  }
}
