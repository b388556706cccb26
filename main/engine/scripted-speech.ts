// What the words of a scripted answer stand for: thinking, a call of a tool, JSON, or just text. It depends only on the
// request and on a word's place, so that an answer which is begun again goes on as the first one would have.
import type { FinishReason, Piece } from '../protocol/inference.ts'
import type { GenerateRequest } from './engine.ts'

interface Said {
  readonly text: string
  readonly pieces: readonly Piece[] | null
}

export interface Speech {
  /** After so many words it has come to its end by itself; null: it goes on. */
  readonly words: number | null
  readonly finish: FinishReason
  /** What the word in that place, from 1 on, adds to the answer. */
  say(place: number, word: string): Said
}

const thinkingWords = 3
/** Of a call's arguments, and of JSON. */
const boundWords = 4

/**
 * It thinks when it is told to, calls the tool that it must or that the last message of the user names, and answers in JSON
 * where a format is asked for.
 */
export function speechOf(request: GenerateRequest): Speech {
  const thought = request.thinking?.enabled === true ? thinkingWords : 0
  const name = calledTool(request)
  const isBound = name !== null || request.format !== undefined
  const words = isBound ? thought + boundWords : null
  return {
    words,
    finish: name === null ? 'stop' : 'tool_calls',
    say: (place, word) => {
      if (place <= thought) return { text: '', pieces: [{ type: 'reasoning', text: word }] }
      if (!isBound) return { text: word, pieces: null }
      const isFirst = place === thought + 1
      const text = (isFirst ? '{"text":"' : '') + (place === words ? `${word.trimEnd()}"}` : word)
      if (name === null) return { text, pieces: null }
      const id = `call_${request.messages?.length ?? 0}_${word.trimEnd()}`
      return {
        text: '',
        pieces: [
          ...(isFirst ? [{ type: 'call' as const, id, name }] : []),
          { type: 'arguments' as const, text },
        ],
      }
    },
  }
}

function calledTool({ tools, toolChoice, messages }: GenerateRequest): string | null {
  const [first] = tools ?? []
  if (!first || toolChoice === 'none') return null
  if (toolChoice === 'required') return first.name
  if (typeof toolChoice === 'object') return toolChoice.name
  const last = messages?.at(-1)
  if (last?.role !== 'user') return null
  return tools?.find(({ name }) => last.content.includes(name))?.name ?? null
}
