// A response as OpenAI shows it: what was asked for, beside what came of it.
import { randomUUID } from 'node:crypto'
import type { Failure } from '../errors.ts'
import type { Usage } from '../usage.ts'
import type { AnswerItem } from './items.ts'
import type { ResponseBody } from './response-body.ts'

export interface ResponseState {
  readonly status: 'in_progress' | 'completed' | 'incomplete' | 'failed'
  readonly output: readonly AnswerItem[]
  readonly usage: Usage | null
  readonly failure: Failure | null
}

export type ResponseObject = ReturnType<ReturnType<typeof describeResponse>>

export function makeResponseId(): string {
  return `resp_${randomUUID().replaceAll('-', '')}`
}

/** Says what has become of the response to this request. `now` is in milliseconds. */
export function describeResponse(body: ResponseBody, id: string, now: () => number) {
  const createdAt = seconds(now())
  const asked = {
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    max_tool_calls: body.max_tool_calls ?? null,
    metadata: body.metadata ?? {},
    model: body.model,
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: body.previous_response_id ?? null,
    prompt_cache_key: body.prompt_cache_key ?? null,
    reasoning: { effort: body.reasoning?.effort ?? null, summary: body.reasoning?.summary ?? null },
    safety_identifier: body.safety_identifier ?? null,
    service_tier: 'default',
    store: body.store ?? true,
    temperature: body.temperature ?? null,
    text: { format: formatShown(body), verbosity: 'medium' },
    tool_choice: body.tool_choice ?? 'auto',
    tools: toolsShown(body),
    top_logprobs: body.top_logprobs ?? 0,
    top_p: body.top_p ?? null,
    truncation: 'disabled',
    ...(body.user === undefined ? {} : { user: body.user }),
  }
  return ({ status, output, usage, failure }: ResponseState) => ({
    id,
    object: 'response',
    created_at: createdAt,
    status,
    background: false,
    completed_at: status === 'completed' ? seconds(now()) : null,
    error: failure && { code: errorCodeOf(failure), message: failure.message },
    incomplete_details: status === 'incomplete' ? { reason: 'max_output_tokens' } : null,
    ...asked,
    output,
    ...(usage === null ? {} : { usage: usageOf(usage) }),
  })
}

function seconds(timeMs: number): number {
  return Math.floor(timeMs / 1000)
}

function formatShown({ text }: ResponseBody) {
  const format = text?.format ?? { type: 'text' as const }
  if (format.type !== 'json_schema') return format
  const { description, strict, ...rest } = format
  return { ...rest, ...(description == null ? {} : { description }), strict: strict ?? false }
}

function toolsShown({ tools = [] }: ResponseBody) {
  return tools.map(({ type, name, description, parameters, strict }) => ({
    type,
    name,
    description: description ?? null,
    parameters: parameters ?? null,
    strict: strict ?? null,
  }))
}

function usageOf(usage: Usage) {
  return {
    input_tokens: usage.prompt_tokens,
    input_tokens_details: { cached_tokens: usage.prompt_tokens_details.cached_tokens, cache_write_tokens: 0 },
    output_tokens: usage.completion_tokens,
    output_tokens_details: { reasoning_tokens: usage.completion_tokens_details?.reasoning_tokens ?? 0 },
    total_tokens: usage.total_tokens,
  }
}

/** Of OpenAI's closed list of codes. */
function errorCodeOf({ type }: Failure) {
  if (type === 'rate_limit_error') return 'rate_limit_exceeded'
  return type === 'invalid_request_error' ? 'invalid_prompt' : 'server_error'
}
