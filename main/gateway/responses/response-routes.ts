// Responses that are kept on this Mac: shown again, with what they were asked, and deleted.
import { HttpError } from '../errors.ts'
import type { Exchange } from '../exchange.ts'
import { choiceIn, limitIn, textIn } from '../query.ts'
import type { Routes } from '../router.ts'
import { inputOf } from './conversation.ts'
import { ownerOf } from './owner-of.ts'
import type { ResponseRow } from './response-database.ts'
import type { StoredResponses } from './stored-responses.ts'

const mostListed = 100

/** `/v1/responses/{id}` */
export function responseRoutes(stored: StoredResponses): Routes {
  return {
    'GET /v1/responses/{id}': exchange => {
      if (choiceIn(exchange, 'stream', ['true', 'false']) === 'true')
        throw new HttpError(400, 'unsupported_parameter', 'A stored response cannot be streamed again.', {
          param: 'stream',
        })
      exchange.send(200, 'application/json', rowOf(exchange).response)
    },
    'DELETE /v1/responses/{id}': exchange => {
      const { id } = rowOf(exchange)
      stored.remove(id)
      exchange.json(200, { id, object: 'response', deleted: true })
    },
    'GET /v1/responses/{id}/input_items': exchange => exchange.json(200, pageOf(exchange, rowOf(exchange))),
    'POST /v1/responses/{id}/cancel': exchange => {
      rowOf(exchange)
      const message =
        'Only responses in the background can be cancelled: close the connection of any other one.'
      throw new HttpError(400, 'not_in_background', message)
    },
  }

  function rowOf(exchange: Exchange): ResponseRow {
    const [id = ''] = exchange.params
    const row = stored.find(id, ownerOf(exchange))
    if (row) return row
    throw new HttpError(404, 'response_not_found', `Response with id '${id}' not found.`)
  }
}

function pageOf(exchange: Exchange, row: ResponseRow) {
  const limit = limitIn(exchange, 20, mostListed)
  const all = inputOf(row)
  if (choiceIn(exchange, 'order', ['asc', 'desc']) !== 'asc') all.reverse()
  const after = textIn(exchange, 'after')
  const afterAt = after === null ? -1 : all.findIndex(({ id }) => id === after)
  if (after !== null && afterAt < 0)
    throw new HttpError(404, 'item_not_found', `Item with id '${after}' not found.`, { param: 'after' })
  const data = all.slice(afterAt + 1, afterAt + 1 + limit)
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? '',
    last_id: data.at(-1)?.id ?? '',
    has_more: afterAt + 1 + limit < all.length,
  }
}
