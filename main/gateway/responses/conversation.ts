// What a request goes on with: the turns of the response that it names, and items that it only refers to.
import { z } from 'zod'
import { MeshError } from '../../protocol/errors.ts'
import { maxRequestBytes } from '../../protocol/inference.ts'
import { faultOf } from '../../protocol/json.ts'
import { HttpError } from '../errors.ts'
import { completeItem, type InputItem, type Item, inputItem, makeItemId } from './items.ts'
import type { ItemPlace, Owner, ResponseRow } from './response-database.ts'
import type { StoredResponses } from './stored-responses.ts'

export interface Conversation {
  /** Of the turns before, the oldest first. */
  readonly earlier: readonly Item[]
  readonly bytes: number
  /** The session of its first turn; null: this is it. */
  readonly sessionId: string | null
}

/** The responses among which it is looked for. */
interface Kept {
  readonly stored: StoredResponses
  readonly owner: Owner
}

const items = z.array(inputItem)
const shown = z.object({ output: z.array(z.unknown()) })

/** Throws HttpError 404 when a turn is not kept, MeshError REQUEST_TOO_LARGE. */
export function conversationBefore(previousId: string | undefined, { stored, owner }: Kept): Conversation {
  const turns: ResponseRow[] = []
  let bytes = 0
  for (let id: string | null = previousId ?? null; id !== null; ) {
    const turn = stored.find(id, owner)
    if (!turn) throw notFound(id, previousId)
    bytes += turn.input.length + turn.response.length
    if (bytes > maxRequestBytes) throw tooLong('previous_response_id')
    turns.unshift(turn)
    id = turn.previousId
  }
  stored.used(turns.map(({ id }) => id))
  return { earlier: turns.flatMap(itemsOf), bytes, sessionId: turns[0]?.sessionId ?? null }
}

/** What a response was asked. */
export function inputOf({ input }: ResponseRow): Item[] {
  return read(() => readItems(JSON.parse(input)))
}

/** With the items that it refers to in their place. Throws HttpError 404, MeshError REQUEST_TOO_LARGE. */
export function completeInput(
  input: string | readonly InputItem[],
  kept: Kept,
): { readonly items: Item[]; readonly newIds: string[]; readonly bytes: number } {
  const lookUp = createLookUp(kept)
  if (typeof input === 'string') input = [{ type: 'message', role: 'user', content: input }]
  const newIds: string[] = []
  const completed = input.map(item => {
    if (item.type === 'item_reference') return lookUp.find(item.id)
    const made = completeItem(item)
    newIds.push(made.id)
    return made
  })
  return { items: withoutTwins(completed), newIds, bytes: lookUp.bytes }
}

function itemsOf(turn: ResponseRow): Item[] {
  return [...inputOf(turn), ...outputOf(turn)]
}

function outputOf({ response }: ResponseRow): Item[] {
  return read(() => readItems(shown.parse(JSON.parse(response)).output))
}

function readItems(kept: unknown): Item[] {
  return items.parse(kept).flatMap(item => (item.type === 'item_reference' ? [] : [completeItem(item)]))
}

/** What is wrong is said without a word of it: this goes into the log. */
function read(items: () => Item[]): Item[] {
  try {
    return items()
  } catch (thrown) {
    throw new Error(`a stored response cannot be read: ${faultOf(thrown)}`)
  }
}

/** Finds items by their ids; each response is read once. */
function createLookUp({ stored, owner }: Kept) {
  const known = new Map<string, ReadonlyMap<string, Item>>()
  let bytes = 0
  return {
    get bytes() {
      return bytes
    },
    /** Throws HttpError 404, MeshError REQUEST_TOO_LARGE. */
    find(itemId: string): Item {
      const place = stored.placeOf(itemId, owner)
      const item = place && itemsAt(place).get(itemId)
      if (item) return item
      const message = `Item with id '${itemId}' not found. Items of responses that are not stored have to be sent whole.`
      throw new HttpError(404, 'item_not_found', message, { param: 'input' })
    },
  }

  function itemsAt({ responseId, part }: ItemPlace): ReadonlyMap<string, Item> {
    const key = `${part} ${responseId}`
    const read = known.get(key)
    if (read) return read
    const turn = stored.find(responseId, owner)
    if (!turn) return new Map()
    bytes += part === 'input' ? turn.input.length : turn.response.length
    if (bytes > maxRequestBytes) throw tooLong('input')
    stored.used([responseId])
    const found = part === 'input' ? inputOf(turn) : outputOf(turn)
    const byId = new Map(found.map(item => [item.id, item]))
    known.set(key, byId)
    return byId
  }
}

/** A list of items is paged by id: one that comes twice gets another. */
function withoutTwins(all: readonly Item[]): Item[] {
  const seen = new Set<string>()
  return all.map(item => {
    const id = seen.has(item.id) ? makeItemId(item.type) : item.id
    seen.add(id)
    return id === item.id ? item : { ...item, id }
  })
}

function notFound(id: string, previousId: string | undefined): HttpError {
  const gone = id === previousId ? '' : ` It comes before '${previousId}'.`
  return new HttpError(
    404,
    'previous_response_not_found',
    `Previous response with id '${id}' not found.${gone}`,
    {
      param: 'previous_response_id',
    },
  )
}

function tooLong(param: string): MeshError {
  const message = 'The conversation has become longer than what can be sent to a Mac: begin a new one.'
  return new MeshError('REQUEST_TOO_LARGE', message, { param })
}
