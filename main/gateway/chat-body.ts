import { z } from 'zod'
import { message } from './chat-messages.ts'
import { toolParameters } from './chat-tools.ts'
import { invalid } from './errors.ts'
import { listOf } from './list-of.ts'
import { formatParameters } from './output-format.ts'
import {
  checkParameters,
  letThrough,
  maxWhole,
  type NotBuilt,
  never,
  samplingParameters,
} from './parameters.ts'
import { thinkingParameters } from './thinking.ts'

const notBuilt: NotBuilt = {
  modalities: value => Array.isArray(value) && value.every(modality => modality === 'text'),
  audio: never,
  web_search_options: never,
  moderation: never,
  verbosity: value => value === 'medium',
}

const chatBody = z.strictObject({
  ...letThrough(notBuilt),
  ...samplingParameters,
  ...toolParameters,
  ...formatParameters,
  ...thinkingParameters,
  messages: listOf(message, { min: 1 }),
  max_tokens: z.number().int().min(1).max(maxWhole).optional(),
  max_completion_tokens: z.number().int().min(1).max(maxWhole).optional(),
  logprobs: z.boolean().optional(),
  top_logprobs: z.number().int().min(0).max(20).optional(),
  prediction: z.unknown().optional(),
})

export type ChatBody = z.infer<typeof chatBody>

/** Throws HttpError 400 that names the parameter. */
export function checkChatBody(value: unknown): ChatBody {
  const body = checkParameters(chatBody, notBuilt, value)
  const { max_tokens, max_completion_tokens, logprobs, top_logprobs } = body
  if (max_tokens !== undefined && (max_completion_tokens ?? max_tokens) !== max_tokens) {
    const message =
      "'max_tokens' and 'max_completion_tokens' say different things: send 'max_completion_tokens'."
    throw invalid('max_tokens', message, 'invalid_parameter_combination')
  }
  if (top_logprobs !== undefined && !logprobs)
    throw invalid('top_logprobs', "'top_logprobs' needs 'logprobs' to be true.")
  return body
}
