import type { PlanOptions } from './chat.ts'
import { checkCompletionBody, promptsOf } from './completion-body.ts'
import { createCompletionShape } from './completion-shape.ts'
import { makeHeader } from './event-text.ts'
import type { PlanRequest } from './generate.ts'
import { formatOf } from './output-format.ts'
import { makeParts } from './plan.ts'
import { sequenceOf } from './sequence-of.ts'

/** `POST /v1/completions` */
export function planCompletion({ clock, version, maxChoices }: PlanOptions): PlanRequest {
  return (value, exchange) => {
    const body = checkCompletionBody(value)
    const includeUsage = body.stream_options?.include_usage === true
    const common = {
      ...sequenceOf(body, exchange),
      maxTokens: body.max_tokens,
      logprobs: body.logprobs,
      echo: body.echo,
      format: formatOf(body),
    }
    const prompts = promptsOf(body).map(prompt => ({ ...common, prompt }))
    return {
      stream: body.stream === true,
      parts: makeParts(prompts, body.n ?? 1, maxChoices),
      shape: createCompletionShape(makeHeader('cmpl', body.model, clock.now(), version), includeUsage),
    }
  }
}
