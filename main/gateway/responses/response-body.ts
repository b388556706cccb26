import { z } from 'zod'
import type { OutputFormat } from '../../protocol/inference.ts'
import { jsonSchema } from '../json-schema.ts'
import { listOf } from '../list-of.ts'
import {
  checkParameters,
  isObject,
  letThrough,
  maxWhole,
  type NotBuilt,
  never,
  samplingParameters,
} from '../parameters.ts'
import { thinkingParameters } from '../thinking.ts'
import { inputItem } from './items.ts'
import { responseTools } from './response-tools.ts'

const notBuilt: NotBuilt = {
  background: value => value === false,
  conversation: never,
  prompt: never,
  context_management: never,
  moderation: never,
  truncation: value => value === 'disabled',
}

/** Each asks for more about something; what there is of it here is in every answer. */
const includes = [
  'message.output_text.logprobs',
  'reasoning.encrypted_content',
  'message.input_image.image_url',
  'file_search_call.results',
  'web_search_call.results',
  'web_search_call.action.sources',
  'computer_call_output.output.image_url',
  'code_interpreter_call.outputs',
] as const

const format = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('text') }),
    z.strictObject({ type: z.literal('json_object') }),
    z.strictObject({
      type: z.literal('json_schema'),
      name: z.string().min(1).max(64),
      description: z.string().nullish(),
      schema: jsonSchema,
      strict: z.boolean().nullish(),
    }),
  ],
  'expected text, json_object or json_schema',
)

const summary = z.enum(['auto', 'concise', 'detailed']).nullish()

const { n: _, ...sampling } = samplingParameters

const responseBody = z.strictObject({
  ...letThrough(notBuilt),
  ...sampling,
  ...responseTools,
  input: z.union([z.string(), listOf(inputItem, { min: 1 })], 'expected a string or a list of items'),
  instructions: z.string().optional(),
  previous_response_id: z.string().min(1).max(256).optional(),
  max_output_tokens: z.number().int().min(1).max(maxWhole).optional(),
  max_tool_calls: z.number().int().min(1).max(maxWhole).optional(),
  top_logprobs: z.number().int().min(0).max(20).optional(),
  include: listOf(z.enum(includes)).optional(),
  text: z
    .strictObject({
      format: format.nullish(),
      verbosity: z.literal('medium', 'only medium is supported here').nullish(),
    })
    .optional(),
  reasoning: z
    .strictObject({
      effort: thinkingParameters.reasoning_effort.nullable(),
      summary,
      generate_summary: summary,
    })
    .optional(),
  store: z.boolean().optional(),
  metadata: z
    .unknown()
    .refine(pairs => !isObject(pairs) || Object.keys(pairs).length <= 16, 'at most 16 pairs are kept')
    .pipe(z.record(z.string().max(64), z.string().max(512)))
    .optional(),
  stream_options: z.strictObject({ include_obfuscation: z.boolean().nullish() }).optional(),
  user: z.string().optional(),
  safety_identifier: z.string().optional(),
  prompt_cache_key: z.string().optional(),
})

export type ResponseBody = z.infer<typeof responseBody>

/** Throws HttpError 400 that names the parameter. */
export function checkResponseBody(value: unknown): ResponseBody {
  return checkParameters(responseBody, notBuilt, value)
}

/** Undefined: the answer may be any text. */
export function formatOf({ text }: ResponseBody): OutputFormat | undefined {
  const asked = text?.format
  if (!asked || asked.type === 'text') return undefined
  if (asked.type === 'json_object') return { type: 'json_object', param: 'text.format' }
  return { type: 'json_schema', schema: asked.schema, param: 'text.format.schema' }
}

/** Alternatives to tell of each token; undefined: no log probabilities. */
export function logprobsOf({ include, top_logprobs }: ResponseBody): number | undefined {
  if (include?.includes('message.output_text.logprobs')) return top_logprobs ?? 0
  return top_logprobs === 0 ? undefined : top_logprobs
}
