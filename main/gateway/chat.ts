import type { Clock } from '../protocol/clock.ts'
import { checkChatBody, messagesOf } from './chat-body.ts'
import { createChatShape } from './chat-shape.ts'
import { makeHeader } from './event-text.ts'
import type { PlanRequest } from './generate.ts'
import { makeParts } from './plan.ts'
import { sequenceOf } from './sequence-of.ts'

export interface PlanOptions {
  readonly clock: Clock
  readonly version: string
  readonly maxChoices: number
}

/** `POST /v1/chat/completions` */
export function planChat({ clock, version, maxChoices }: PlanOptions): PlanRequest {
  return (value, exchange) => {
    const body = checkChatBody(value)
    const includeUsage = body.stream_options?.include_usage === true
    const sequence = {
      ...sequenceOf(body, exchange),
      messages: messagesOf(body),
      maxTokens: body.max_completion_tokens ?? body.max_tokens,
      logprobs: body.logprobs ? (body.top_logprobs ?? 0) : undefined,
    }
    return {
      stream: body.stream === true,
      parts: makeParts([sequence], body.n ?? 1, maxChoices),
      shape: createChatShape(makeHeader('chatcmpl', body.model, clock.now(), version), includeUsage),
    }
  }
}
