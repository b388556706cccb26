import type { FinishReason, TokenLogprob } from '../protocol/inference.ts'
import { type AnswerHeader, makeEvent, splitAtText } from './event-text.ts'
import type { Shape } from './plan.ts'

/** `chat.completion` and `chat.completion.chunk`. */
export function createChatShape(header: AnswerHeader, includeUsage: boolean): Shape {
  const { id, created, model, system_fingerprint } = header
  const common = { id, object: 'chat.completion.chunk', created, model, system_fingerprint }
  const noUsage = includeUsage ? { usage: null } : {}
  const chunk = (index: number, delta: unknown, logprobs: unknown, finishReason: FinishReason | null) =>
    makeEvent({
      ...common,
      choices: [{ index, delta, logprobs, finish_reason: finishReason }],
      ...noUsage,
    })

  return {
    render: index => splitAtText(text => chunk(index, { content: text }, null, null)),
    opening: index => chunk(index, { role: 'assistant', content: '', refusal: null }, null, null),
    text: (index, text, logprobs) =>
      chunk(index, { content: text }, logprobs ? contentOf(logprobs) : null, null),
    closing: (index, finishReason) => chunk(index, {}, null, finishReason),
    usage: usage => makeEvent({ ...common, choices: [], usage }),
    whole: (choices, usage) => ({
      ...header,
      object: 'chat.completion',
      choices: choices.map(({ index, text, logprobs, finishReason }) => ({
        index,
        message: { role: 'assistant', content: text, refusal: null },
        logprobs: logprobs && contentOf(logprobs),
        finish_reason: finishReason,
      })),
      usage,
    }),
  }
}

function contentOf(logprobs: readonly TokenLogprob[]) {
  const content = logprobs.map(([token, bytes, logprob, alternatives]) => ({
    token,
    logprob: logprob ?? 0,
    bytes,
    top_logprobs: alternatives.map(([text, textBytes, value]) => ({
      token: text,
      logprob: value,
      bytes: textBytes,
    })),
  }))
  return { content, refusal: null }
}
