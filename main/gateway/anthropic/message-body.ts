import { z } from 'zod'
import type { OutputFormat, Thinking } from '../../protocol/inference.ts'
import { invalid } from '../errors.ts'
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
import { message, systemText } from './blocks.ts'
import { toolParameters } from './tools.ts'

const ignored = z.unknown().optional()

const notBuilt: NotBuilt = {
  container: never,
  mcp_servers: value => Array.isArray(value) && value.length === 0,
  // What the model had thought in earlier turns is left out or kept as its own template wants it.
  context_management: value =>
    isObject(value) && Array.isArray(value['edits']) && value['edits'].every(isOfThinking),
}

const display = z.enum(['summarized', 'omitted']).nullish()
const thinking = z.discriminatedUnion(
  'type',
  [
    // How long it thinks is not bounded here; `max_tokens` bounds thinking and answer together.
    z.strictObject({ type: z.literal('enabled'), budget_tokens: z.number().int().min(1).nullish(), display }),
    z.strictObject({ type: z.literal('adaptive'), display }),
    z.strictObject({ type: z.literal('disabled') }),
  ],
  'expected enabled, adaptive or disabled',
)

const outputFormat = z.strictObject({
  type: z.literal('json_schema'),
  schema: jsonSchema,
})

const outputConfig = z.strictObject({
  effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).nullish(),
  format: outputFormat.nullish(),
})

const promptParameters = {
  model: samplingParameters.model,
  messages: listOf(message, { min: 1 }),
  system: systemText.optional(),
  ...toolParameters,
  thinking: thinking.optional(),
  output_config: outputConfig.optional(),
  output_format: outputFormat.optional(),
  cache_control: ignored,
  speed: ignored,
  user_profile_id: ignored,
  workspace_id: ignored,
}

const countBody = z.strictObject({ ...letThrough(notBuilt), ...promptParameters })

const messageBody = z.strictObject({
  ...letThrough(notBuilt),
  ...promptParameters,
  max_tokens: z.number().int().min(0).max(maxWhole),
  stop_sequences: listOf(z.string().min(1).max(1024), { max: 16 }).optional(),
  temperature: z.number().min(0).max(1).optional(),
  top_p: samplingParameters.top_p,
  top_k: samplingParameters.top_k,
  stream: z.boolean().optional(),
  metadata: ignored,
  service_tier: ignored,
  inference_geo: ignored,
  diagnostics: ignored,
})

export type CountBody = z.infer<typeof countBody>
export type MessageBody = z.infer<typeof messageBody>

/** Throws HttpError 400 that names the parameter. */
export function checkMessageBody(value: unknown): MessageBody {
  const body = checkParameters(messageBody, notBuilt, value)
  const last = body.messages.length - 1
  if (body.messages[last]?.role === 'assistant') {
    const param = `messages[${last}].role`
    const message = `'${param}' is assistant: an answer that was begun is not gone on with here.`
    throw invalid(param, message, 'unsupported_parameter')
  }
  return body
}

/** Throws HttpError 400 that names the parameter. */
export function checkCountBody(value: unknown): CountBody {
  return checkParameters(countBody, notBuilt, value)
}

/** As Anthropic's models do, one thinks only when it is told to. */
export function thinkingOf({ thinking: asked, output_config: output }: CountBody): Thinking {
  const effort = output?.effort
  return {
    ...(asked?.type !== 'adaptive' && { enabled: asked?.type === 'enabled' }),
    ...(effort != null && { effort: effort === 'low' || effort === 'medium' ? effort : 'high' }),
  }
}

export function formatOf({
  output_config: output,
  output_format: older,
}: CountBody): OutputFormat | undefined {
  if (output?.format) return { ...output.format, param: 'output_config.format.schema' }
  return older && { ...older, param: 'output_format.schema' }
}

function isOfThinking(edit: unknown): boolean {
  return isObject(edit) && String(edit['type']).startsWith('clear_thinking_')
}
