import { z } from 'zod'
import type { ChatMessage } from '../protocol/inference.ts'
import { invalid } from './errors.ts'
import { listOf } from './list-of.ts'
import {
  checkParameters,
  isObject,
  letThrough,
  maxWhole,
  type NotBuilt,
  never,
  samplingParameters,
} from './parameters.ts'

const noneOrAuto = (value: unknown) => value === 'none' || value === 'auto'
const isEmptyList = (value: unknown) => Array.isArray(value) && value.length === 0

const notBuilt: NotBuilt = {
  tools: isEmptyList,
  tool_choice: noneOrAuto,
  functions: isEmptyList,
  function_call: noneOrAuto,
  response_format: value => isObject(value) && Reflect.get(value, 'type') === 'text',
  modalities: value => Array.isArray(value) && value.every(modality => modality === 'text'),
  audio: never,
  web_search_options: never,
  moderation: never,
  reasoning_effort: never,
  verbosity: value => value === 'medium',
}

const roles = ['system', 'developer', 'user', 'assistant'] as const
const notYet = 'this is not supported here yet'
const absent = z.union([z.null(), z.array(z.unknown()).max(0)], notYet).optional()

const textPart = z.strictObject({
  type: z.literal('text', 'only parts of the type text are supported here'),
  text: z.string(),
})

const message = z.strictObject({
  role: z.enum(roles),
  content: z.union([z.string(), listOf(textPart, { min: 1 })], 'expected a string or a list of text parts'),
  // What clients copy from an earlier answer into the conversation.
  name: absent,
  refusal: absent,
  annotations: absent,
  audio: absent,
  tool_calls: absent,
  function_call: absent,
})

const chatBody = z.strictObject({
  ...letThrough(notBuilt),
  ...samplingParameters,
  messages: listOf(message, { min: 1 }),
  max_tokens: z.number().int().min(1).max(maxWhole).optional(),
  max_completion_tokens: z.number().int().min(1).max(maxWhole).optional(),
  logprobs: z.boolean().optional(),
  top_logprobs: z.number().int().min(0).max(20).optional(),
  parallel_tool_calls: z.unknown().optional(),
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

/** `developer` is OpenAI's newer word for what chat templates call `system`. */
export function messagesOf({ messages }: ChatBody): ChatMessage[] {
  return messages.map(({ role, content }) => ({
    role: role === 'developer' ? 'system' : role,
    content: typeof content === 'string' ? content : content.map(part => part.text).join(''),
  }))
}
