import { randomUUID } from 'node:crypto'
import type { Generate, PlanRequest } from '../generate.ts'
import type { Sequence } from '../infer.ts'
import { makeParts, type Shape } from '../plan.ts'
import type { Routes } from '../router.ts'
import { sequenceOf } from '../sequence-of.ts'
import { conversationOf } from './conversation.ts'
import { type CountBody, checkCountBody, checkMessageBody, formatOf, thinkingOf } from './message-body.ts'
import { createMessageShape } from './message-shape.ts'
import { toolsOf } from './tools.ts'

export function anthropicRoutes(generate: Generate): Routes {
  return {
    'POST /v1/messages': generate(planMessage),
    'POST /v1/messages/count_tokens': generate(planCount),
  }
}

/** `POST /v1/messages` */
const planMessage: PlanRequest = (value, exchange) => {
  const body = checkMessageBody(value)
  const { model, temperature, top_p, top_k, stop_sequences: stop } = body
  const sampling = sequenceOf({ model, temperature, top_p, top_k }, exchange)
  const sequence = { ...sampling, ...promptOf(body), stop, maxTokens: body.max_tokens, fitContext: true }
  const tellsThinking =
    body.thinking === undefined || body.thinking.type === 'disabled' || body.thinking.display !== 'omitted'
  const id = `msg_${randomUUID().replaceAll('-', '')}`
  return {
    stream: body.stream === true,
    parts: makeParts([sequence], 1, 1),
    shape: createMessageShape({ id, model, tellsThinking, maxTokens: body.max_tokens }),
  }
}

/** `POST /v1/messages/count_tokens`: the Mac that would answer reads the prompt, and says nothing. */
const planCount: PlanRequest = (value, exchange) => {
  const body = checkCountBody(value)
  const sequence = { ...sequenceOf({ model: body.model }, exchange), ...promptOf(body), maxTokens: 0 }
  return { stream: false, parts: makeParts([sequence], 1, 1), shape: countShape }
}

const countShape: Shape = {
  render: () => ({ head: '', tail: '' }),
  opening: () => '',
  text: () => '',
  pieces: () => '',
  closing: () => '',
  end: () => '',
  whole: (_, { prompt_tokens }) => ({ input_tokens: prompt_tokens }),
}

function promptOf(body: CountBody): Partial<Sequence> {
  return {
    messages: conversationOf(body.messages, body.system),
    ...toolsOf(body),
    format: formatOf(body),
    thinking: thinkingOf(body),
  }
}
