import { bestOf } from './best-of.ts'
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
    const { n = 1, best_of = n, logprobs } = body
    const common = {
      ...sequenceOf(body, exchange),
      maxTokens: body.max_tokens,
      // Which answers are the best is told by them.
      logprobs: best_of > n ? (logprobs ?? 0) : logprobs,
      echo: body.echo,
      format: formatOf(body),
    }
    const prompts = promptsOf(body).map(prompt => ({ ...common, prompt }))
    const shape = createCompletionShape(makeHeader('cmpl', body.model, clock.now(), version), includeUsage)
    const pick = { n, of: best_of, withLogprobs: logprobs !== undefined }
    return {
      stream: body.stream === true,
      parts: makeParts(prompts, best_of, maxChoices),
      shape:
        best_of > n
          ? { ...shape, whole: (all, usage, times) => shape.whole(bestOf(all, pick), usage, times) }
          : shape,
    }
  }
}
