// How much a model is to think before it answers, in the words of several servers.
import { z } from 'zod'
import type { Thinking } from '../protocol/inference.ts'
import { invalid } from './errors.ts'

const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'] as const

export const thinkingParameters = {
  reasoning_effort: z.enum(efforts).optional(),
  enable_thinking: z.boolean().optional(),
  chat_template_kwargs: z.strictObject({ enable_thinking: z.boolean().nullish() }).optional(),
}

type ThinkingBody = z.infer<z.ZodObject<typeof thinkingParameters>>

/** Undefined: as the model's template does by itself. Throws HttpError 400. */
export function thinkingOf(body: ThinkingBody): Thinking | undefined {
  const effort = body.reasoning_effort
  const within = body.chat_template_kwargs?.enable_thinking ?? undefined
  const enabled = body.enable_thinking ?? within
  const byEffort = effort === undefined ? undefined : effort !== 'none'
  if (within !== undefined && within !== enabled) throw contradiction('chat_template_kwargs.enable_thinking')
  if (byEffort !== undefined && (enabled ?? byEffort) !== byEffort) throw contradiction('reasoning_effort')
  if (effort !== undefined) return { enabled: effort !== 'none', ...(effort === 'none' ? {} : { effort }) }
  return enabled === undefined ? undefined : { enabled }
}

function contradiction(param: string) {
  const message = `'${param}' and 'enable_thinking' say different things: send one of them.`
  return invalid(param, message, 'invalid_parameter_combination')
}
