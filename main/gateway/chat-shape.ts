import type { FinishReason, Piece, TokenLogprob, ToolCall } from '../protocol/inference.ts'
import { describeLogprobs } from './described-logprobs.ts'
import { type AnswerHeader, doneEvent, makeEvent, splitAtText } from './event-text.ts'
import type { Choice, Shape } from './plan.ts'

interface ChatWords {
  readonly includeUsage: boolean
  /** Calls are said in the older words: `function_call`, of which an answer has one. */
  readonly asFunctions: boolean
}

/** `chat.completion` and `chat.completion.chunk`. */
export function createChatShape(header: AnswerHeader, { includeUsage, asFunctions }: ChatWords): Shape {
  const { id, created, model, system_fingerprint } = header
  const common = { id, object: 'chat.completion.chunk', created, model, system_fingerprint }
  const noUsage = includeUsage ? { usage: null } : {}
  /** Of each choice, how many calls it has begun. */
  const calls = new Map<number, number>()
  const chunk = (index: number, delta: unknown, logprobs: unknown, finishReason: FinishReason | null) =>
    makeEvent({
      ...common,
      choices: [{ index, delta, logprobs, finish_reason: finishReason && reasonOf(finishReason) }],
      ...noUsage,
    })

  return {
    render: index => splitAtText(text => chunk(index, { content: text }, null, null)),
    opening: index => chunk(index, { role: 'assistant', content: '', refusal: null }, null, null),
    text: (index, text, logprobs) =>
      chunk(index, { content: text }, logprobs ? contentOf(logprobs) : null, null),
    pieces: (index, pieces, logprobs) =>
      pieces
        .map((piece, i) => {
          const isLast = i === pieces.length - 1
          return chunk(index, deltaOf(index, piece), isLast && logprobs ? contentOf(logprobs) : null, null)
        })
        .join(''),
    closing: (index, finishReason) => chunk(index, {}, null, finishReason),
    end: usage => (includeUsage ? makeEvent({ ...common, choices: [], usage }) : '') + doneEvent,
    whole: (choices, usage) => ({
      ...header,
      object: 'chat.completion',
      choices: choices.map(choice => ({
        index: choice.index,
        message: messageOf(choice, asFunctions),
        logprobs: choice.logprobs && contentOf(choice.logprobs),
        finish_reason: reasonOf(choice.finishReason),
      })),
      usage,
    }),
  }

  function deltaOf(index: number, piece: Piece): unknown {
    switch (piece.type) {
      case 'text':
        return { content: piece.text }
      case 'reasoning':
        return { reasoning_content: piece.text }
      case 'call': {
        const place = calls.get(index) ?? 0
        calls.set(index, place + 1)
        const call = { ...piece, arguments: '' }
        if (asFunctions) return place === 0 ? { function_call: functionOf(call) } : {}
        return { tool_calls: [{ index: place, ...callOf(call) }] }
      }
      case 'arguments': {
        const place = (calls.get(index) ?? 1) - 1
        const more = { arguments: piece.text }
        if (asFunctions) return place === 0 ? { function_call: more } : {}
        return { tool_calls: [{ index: place, function: more }] }
      }
    }
  }

  function reasonOf(finishReason: FinishReason) {
    return asFunctions && finishReason === 'tool_calls' ? 'function_call' : finishReason
  }
}

/** `reasoning_content` is what others call the same: OpenAI's own interface for chat does not tell it. */
function messageOf({ text, reasoning, toolCalls }: Choice, asFunctions: boolean) {
  const [first] = toolCalls
  return {
    role: 'assistant',
    content: text === '' && toolCalls.length > 0 ? null : text,
    refusal: null,
    ...(reasoning === null ? {} : { reasoning_content: reasoning }),
    ...(first &&
      (asFunctions ? { function_call: functionOf(first) } : { tool_calls: toolCalls.map(callOf) })),
  }
}

function callOf(call: ToolCall) {
  return { id: call.id, type: 'function', function: functionOf(call) }
}

function functionOf({ name, arguments: text }: ToolCall) {
  return { name, arguments: text }
}

function contentOf(logprobs: readonly TokenLogprob[]) {
  return { content: describeLogprobs(logprobs), refusal: null }
}
