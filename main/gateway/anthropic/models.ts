// The mesh's models as Anthropic's interface lists them.
import type { Exchange } from '../exchange.ts'
import type { ListedModel } from '../listed-models.ts'
import { limitIn, textIn } from '../query.ts'

const mostModels = 1000

/** One page: `limit`, `after_id` and `before_id` as there; without a limit all of them. */
export function pageOfModels(models: readonly ListedModel[], exchange: Exchange) {
  const limit = limitIn(exchange, mostModels, mostModels)
  const placeOf = (wanted: string | null) => models.findIndex(({ status }) => status.modelId === wanted)
  const after = placeOf(textIn(exchange, 'after_id'))
  const before = placeOf(textIn(exchange, 'before_id'))
  const left = before < 0 ? models.slice(after + 1) : models.slice(Math.max(0, before - limit), before)
  const data = left.slice(0, limit).map(describeModel)
  const hasMore = before < 0 ? left.length > limit : before > limit
  return { data, has_more: hasMore, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null }
}

export function describeModel({ status: { modelId, createdAtMs, contextTokens } }: ListedModel) {
  return {
    type: 'model',
    id: modelId,
    display_name: modelId,
    created_at: new Date(createdAtMs).toISOString(),
    max_input_tokens: contextTokens,
    max_tokens: contextTokens,
  }
}
