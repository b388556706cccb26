import { z } from 'zod'
import type { Clock } from '../../protocol/clock.ts'
import { toolParameters, toolsOf } from '../chat-tools.ts'
import type { PlanRequest } from '../generate.ts'
import { listOf } from '../list-of.ts'
import { checkParameters } from '../parameters.ts'
import { makeParts } from '../plan.ts'
import { createAnswerShape, type Words } from './answer-shape.ts'
import { conversationOf, message } from './chat-messages.ts'
import { commonParameters, commonSequence, loadingSequence } from './parameters.ts'

const chatBody = z.strictObject({
  ...commonParameters,
  messages: listOf(message).optional(),
  tools: toolParameters.tools,
})

const words: Words = said => ({ message: { role: 'assistant', ...said } })

/** `POST /api/chat`; without messages the model is only loaded. */
export function planOllamaChat(clock: Clock): PlanRequest {
  return (value, exchange) => {
    const body = checkParameters(chatBody, {}, value)
    const { messages = [], model, tools } = body
    const isLoading = messages.length === 0
    const sequence = isLoading
      ? loadingSequence(body, exchange)
      : { ...commonSequence(body, exchange), ...toolsOf({ tools }), messages: conversationOf(messages) }
    return {
      stream: body.stream !== false,
      parts: makeParts([sequence], 1, 1),
      shape: createAnswerShape({ model, words, isLoading, clock }),
    }
  }
}
