import type { Piece, ToolCall } from './inference.ts'

/** Neighbours of one kind become one: most steps bring a few characters of the same. */
export function addPieces(pieces: Piece[], more: readonly Piece[]): void {
  for (const piece of more) {
    const before = pieces.at(-1)
    if (before && piece.type !== 'call' && before.type === piece.type)
      pieces[pieces.length - 1] = { ...before, text: before.text + piece.text }
    else pieces.push(piece)
  }
}

export function lengthOfPieces(pieces: readonly Piece[]): number {
  let length = 0
  for (const piece of pieces)
    length += piece.type === 'call' ? piece.id.length + piece.name.length : piece.text.length
  return length
}

/** The model thinks, and says nothing. */
export function isThinking(pieces: readonly Piece[] | null | undefined): boolean {
  if (!pieces || pieces.length === 0) return false
  return pieces.every(piece => piece.type === 'reasoning')
}

/** An answer put together from its steps. */
export class GatheredAnswer {
  text = ''
  /** Null: the model has not thought. */
  reasoning: string | null = null
  readonly toolCalls: ToolCall[] = []

  /** What a step has brought: pieces, or in their absence text. */
  add(text: string, pieces: readonly Piece[] | null | undefined): void {
    if (pieces) for (const piece of pieces) this.#add(piece)
    else this.text += text
  }

  #add(piece: Piece): void {
    if (piece.type === 'text') this.text += piece.text
    else if (piece.type === 'reasoning') this.reasoning = (this.reasoning ?? '') + piece.text
    else if (piece.type === 'call') this.toolCalls.push({ id: piece.id, name: piece.name, arguments: '' })
    else {
      const call = this.toolCalls.pop()
      if (call) this.toolCalls.push({ ...call, arguments: call.arguments + piece.text })
    }
  }
}
