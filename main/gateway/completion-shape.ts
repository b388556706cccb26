import type { FinishReason, TokenLogprob } from '../protocol/inference.ts'
import { type AnswerHeader, doneEvent, makeEvent, splitAtText } from './event-text.ts'
import type { Shape } from './plan.ts'

/** `text_completion`, whole and in chunks. */
export function createCompletionShape(header: AnswerHeader, includeUsage: boolean): Shape {
  const { id, created, model, system_fingerprint } = header
  const common = { id, object: 'text_completion', created, model, system_fingerprint }
  const noUsage = includeUsage ? { usage: null } : {}
  const offsets = new Map<number, number>()
  const chunk = (index: number, text: string, logprobs: unknown, finishReason: FinishReason | null) =>
    makeEvent({
      ...common,
      choices: [{ index, text, logprobs, finish_reason: finishReason }],
      ...noUsage,
    })

  const say = (index: number, text: string, logprobs: readonly TokenLogprob[] | undefined) => {
    if (!logprobs) return chunk(index, text, null, null)
    const offset = offsets.get(index) ?? 0
    const figures = logprobsOf(logprobs, offset)
    offsets.set(index, figures.endOffset)
    return chunk(index, text, figures.logprobs, null)
  }

  return {
    render: index => splitAtText(text => chunk(index, text, null, null)),
    opening: () => '',
    text: say,
    closing: (index, finishReason) => chunk(index, '', null, finishReason),
    // Completions have no other kinds of output than text.
    pieces: (index, pieces, logprobs) => {
      const text = pieces.map(piece => (piece.type === 'text' ? piece.text : '')).join('')
      return text === '' && !logprobs ? '' : say(index, text, logprobs)
    },
    end: usage => (includeUsage ? makeEvent({ ...common, choices: [], usage }) : '') + doneEvent,
    whole: (choices, usage) => ({
      ...header,
      object: 'text_completion',
      choices: choices.map(({ index, text, logprobs, finishReason }) => ({
        index,
        text,
        logprobs: logprobs && logprobsOf(logprobs, 0).logprobs,
        finish_reason: finishReason,
      })),
      usage,
    }),
  }
}

/** Offsets count characters, as OpenAI's do; the first token of an echoed prompt has no probability. */
function logprobsOf(tokens: readonly TokenLogprob[], startOffset: number) {
  let offset = startOffset
  const text_offset: number[] = []
  for (const [token] of tokens) {
    text_offset.push(offset)
    for (const _ of token) offset++
  }
  const logprobs = {
    tokens: tokens.map(([token]) => token),
    token_logprobs: tokens.map(([, , logprob]) => logprob),
    top_logprobs: tokens.map(([, , logprob, alternatives]) =>
      logprob === null ? null : Object.fromEntries(alternatives.map(([text, , value]) => [text, value])),
    ),
    text_offset,
  }
  return { logprobs, endOffset: offset }
}
