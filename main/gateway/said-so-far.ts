// What an answer has said, for clients that join it late: its steps put together, so that it is short and heard at once.
import type { Piece } from '../protocol/inference.ts'
import { addPieces, isThinking, lengthOfPieces } from '../protocol/pieces.ts'
import type { InferEvent } from './infer.ts'

type Token = Extract<InferEvent, { type: 'token' }>

/** An answer that has said more is not joined any more. */
const maxCharacters = 1 << 20
/** What the log probabilities of a token count for. */
const charactersOfLogprobs = 256

/** Steps that have come one after the other. */
interface Stretch {
  text: string
  readonly pieces: Piece[] | null
  readonly ids: number[]
}

export class SaidSoFar {
  readonly #entries: (InferEvent | Stretch)[] = []
  #characters = 0

  /** False: it has become too long to be kept. */
  get isWhole(): boolean {
    return this.#characters <= maxCharacters
  }

  /** What was rendered for one client is given as text. */
  add(event: Exclude<InferEvent, { type: 'rendered' }>): void {
    if (!this.isWhole) return
    this.#characters += lengthOf(event)
    if (!this.isWhole) this.#entries.length = 0
    else if (event.type !== 'token' || event.logprobs) this.#entries.push(event)
    else this.#addToken(event)
  }

  events(): InferEvent[] {
    return this.#entries.map(entry => {
      if ('type' in entry) return entry
      return { type: 'token', token: entry.text, pieces: entry.pieces ?? undefined, ids: [...entry.ids] }
    })
  }

  #addToken({ token, pieces, ids }: Token): void {
    const last = this.#entries.at(-1)
    if (last && !('type' in last) && isAlike(last, pieces)) {
      last.text += token
      if (last.pieces && pieces) addPieces(last.pieces, pieces)
      for (const id of ids) last.ids.push(id)
    } else this.#entries.push({ text: token, pieces: pieces ? [...pieces] : null, ids: [...ids] })
  }
}

/** Tokens that were thought with are counted, so they stay apart. */
function isAlike(stretch: Stretch, pieces: readonly Piece[] | undefined): boolean {
  return (
    (stretch.pieces === null) === (pieces === undefined) && isThinking(stretch.pieces) === isThinking(pieces)
  )
}

function lengthOf(event: InferEvent): number {
  if (event.type !== 'token' && event.type !== 'echo') return 0
  const pieces = event.type === 'token' ? lengthOfPieces(event.pieces ?? []) : 0
  return event.token.length + pieces + (event.logprobs?.length ?? 0) * charactersOfLogprobs
}
