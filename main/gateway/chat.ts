import type { Clock } from '../protocol/clock.ts'
import { checkChatBody } from './chat-body.ts'
import { messagesOf } from './chat-messages.ts'
import { createChatShape } from './chat-shape.ts'
import { asksForFunctions, toolsOf } from './chat-tools.ts'
import { makeHeader } from './event-text.ts'
import type { PlanRequest } from './generate.ts'
import { formatOf } from './output-format.ts'
import { makeParts } from './plan.ts'
import { sequenceOf } from './sequence-of.ts'
import { thinkingOf } from './thinking.ts'

export interface PlanOptions {
  readonly clock: Clock
  readonly version: string
  readonly maxChoices: number
}

/** `POST /v1/chat/completions` */
export function planChat({ clock, version, maxChoices }: PlanOptions): PlanRequest {
  return (value, exchange) => {
    const body = checkChatBody(value)
    const header = makeHeader('chatcmpl', body.model, clock.now(), version)
    const words = {
      includeUsage: body.stream_options?.include_usage === true,
      asFunctions: asksForFunctions(body),
    }
    const sequence = {
      ...sequenceOf(body, exchange),
      ...toolsOf(body),
      messages: messagesOf(body.messages),
      format: formatOf(body),
      thinking: thinkingOf(body),
      maxTokens: body.max_completion_tokens ?? body.max_tokens,
      fitContext: true,
      logprobs: body.logprobs ? (body.top_logprobs ?? 0) : undefined,
    }
    return {
      stream: body.stream === true,
      parts: makeParts([sequence], body.n ?? 1, maxChoices),
      shape: createChatShape(header, words),
    }
  }
}
