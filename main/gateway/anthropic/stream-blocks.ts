// The blocks of a streamed message: text, thinking and calls, one behind the other, each of which is begun and ended.
import type { Piece } from '../../protocol/inference.ts'
import { splitAtText } from '../event-text.ts'
import { makeEvent } from './dialect.ts'

export interface StreamBlocks {
  /** The events of a piece, with those that begin its block. */
  add(piece: Piece): string
  /** The same, for an event of text that a worker has made for the first block. */
  addRendered(event: Uint8Array): string | Uint8Array
  /** Ends what has been begun. */
  leave(): string
}

/** A text for the first block, which nearly always is the only one. */
export function renderFirst(): { head: string; tail: string } {
  return renderText(0)
}

/** `tellsThinking`: or else its block stays empty. */
export function createStreamBlocks(tellsThinking: boolean): StreamBlocks {
  const skippedBytes = Buffer.byteLength(renderFirst().head)
  let index = -1
  let open: 'text' | 'thinking' | 'tool_use' | null = null

  return {
    add(piece) {
      switch (piece.type) {
        case 'text':
          return piece.text === ''
            ? ''
            : enter('text', { text: '', citations: null }) + textDelta(index, piece.text)
        case 'reasoning': {
          const begin = enter('thinking', { thinking: '', signature: '' })
          return tellsThinking
            ? begin + delta(index, { type: 'thinking_delta', thinking: piece.text })
            : begin
        }
        case 'call':
          return leave() + enter('tool_use', { id: piece.id, name: piece.name, input: {} })
        case 'arguments':
          return piece.text === '' ? '' : delta(index, { type: 'input_json_delta', partial_json: piece.text })
      }
    },
    addRendered(event) {
      if (event.length === 0) return event
      const begin = enter('text', { text: '', citations: null })
      if (begin === '' && index === 0) return event
      return Buffer.concat([Buffer.from(begin + renderText(index).head), event.subarray(skippedBytes)])
    },
    leave,
  }

  function enter(type: NonNullable<typeof open>, empty: object): string {
    if (open === type) return ''
    const left = leave()
    open = type
    index++
    return left + makeEvent({ type: 'content_block_start', index, content_block: { type, ...empty } })
  }

  function leave(): string {
    if (open === null) return ''
    const signature = open === 'thinking' ? delta(index, { type: 'signature_delta', signature: '' }) : ''
    open = null
    return signature + makeEvent({ type: 'content_block_stop', index })
  }
}

function renderText(index: number): { head: string; tail: string } {
  return splitAtText(text => textDelta(index, text))
}

function textDelta(index: number, text: string): string {
  return delta(index, { type: 'text_delta', text })
}

function delta(index: number, change: object): string {
  return makeEvent({ type: 'content_block_delta', index, delta: change })
}
