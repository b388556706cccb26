// What an answer has said, for clients that join it late: its steps put together, so that it is short and heard at once.
import type { Piece } from '../protocol/inference.ts'
import { addPieces, isThinking, lengthOfPieces } from '../protocol/pieces.ts'
import type { InferEvent } from './infer.ts'
import { textOf } from './rendered-text.ts'

type Token = Extract<InferEvent, { type: 'token' }>

/** An answer that has said more is not joined any more. */
const maxCharacters = 1 << 20
/** What the log probabilities of a token count for. */
const charactersOfLogprobs = 256

/** Steps that have come one after the other. */
interface Stretch {
  text: string
  /** The text is the inside of a JSON string. */
  readonly isJson: boolean
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

  add(event: Exclude<InferEvent, { type: 'rendered' }>): void {
    if (!this.#hasRoom(lengthOf(event))) return
    if (event.type !== 'token' || event.logprobs) this.#entries.push(event)
    else this.#addToken(event)
  }

  /** Text as it stands in a JSON string. */
  addJson(json: string, ids: readonly number[]): void {
    if (!this.#hasRoom(json.length)) return
    const last = this.#entries.at(-1)
    if (last && 'isJson' in last && last.isJson) extend(last, json, ids)
    else this.#entries.push({ text: json, isJson: true, pieces: null, ids: [...ids] })
  }

  events(): InferEvent[] {
    return this.#entries.map(entry => {
      if ('type' in entry) return entry
      const { text, isJson, pieces, ids } = entry
      return {
        type: 'token',
        token: isJson ? textOf(text) : text,
        pieces: pieces ? [...pieces] : undefined,
        ids: [...ids],
      }
    })
  }

  #hasRoom(characters: number): boolean {
    if (!this.isWhole) return false
    this.#characters += characters
    if (!this.isWhole) this.#entries.length = 0
    return this.isWhole
  }

  #addToken({ token, pieces, ids }: Token): void {
    const last = this.#entries.at(-1)
    if (!last || 'type' in last || !isAlike(last, pieces)) {
      this.#entries.push({ text: token, isJson: false, pieces: pieces ? [...pieces] : null, ids: [...ids] })
      return
    }
    extend(last, token, ids)
    if (last.pieces && pieces) addPieces(last.pieces, pieces)
  }
}

function extend(stretch: Stretch, text: string, ids: readonly number[]): void {
  stretch.text += text
  for (const id of ids) stretch.ids.push(id)
}

/** Tokens that were thought with are counted, so they stay apart. */
function isAlike({ isJson, pieces: before }: Stretch, pieces: readonly Piece[] | undefined): boolean {
  return !isJson && (before === null) === (pieces === undefined) && isThinking(before) === isThinking(pieces)
}

function lengthOf(event: InferEvent): number {
  if (event.type !== 'token' && event.type !== 'echo') return 0
  const pieces = event.type === 'token' ? lengthOfPieces(event.pieces ?? []) : 0
  return event.token.length + pieces + (event.logprobs?.length ?? 0) * charactersOfLogprobs
}
