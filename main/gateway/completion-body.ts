import { z } from 'zod'
import { invalid } from './errors.ts'
import { listOf } from './list-of.ts'
import { formatParameters } from './output-format.ts'
import { checkParameters, letThrough, maxWhole, type NotBuilt, samplingParameters } from './parameters.ts'

const notBuilt: NotBuilt = { suffix: value => value === '' }

const tokenIds = listOf(z.number().int().min(0), { min: 1 })

const completionBody = z.strictObject({
  ...letThrough(notBuilt),
  ...samplingParameters,
  ...formatParameters,
  prompt: z.union(
    [z.string(), tokenIds, listOf(z.string(), { min: 1 }), listOf(tokenIds, { min: 1 })],
    'expected a string, a list of strings, a list of token ids, or a list of such lists',
  ),
  max_tokens: z.number().int().min(0).max(maxWhole).default(16),
  echo: z.boolean().optional(),
  logprobs: z.number().int().min(0).max(5).optional(),
  best_of: z.number().int().min(1).optional(),
})

export type CompletionBody = z.infer<typeof completionBody>

/** Throws HttpError 400 that names the parameter. */
export function checkCompletionBody(value: unknown): CompletionBody {
  const body = checkParameters(completionBody, notBuilt, value)
  if (body.best_of !== undefined && body.best_of !== (body.n ?? 1))
    throw invalid('best_of', "'best_of' other than 'n' is not supported here yet.", 'unsupported_parameter')
  return body
}

/** Each prompt by itself. */
export function promptsOf({ prompt }: CompletionBody): (string | number[])[] {
  if (typeof prompt === 'string') return [prompt]
  const lists: (string | number | number[])[] = prompt
  const prompts = lists.filter(item => typeof item !== 'number')
  return prompts.length > 0 ? prompts : [lists.filter(item => typeof item === 'number')]
}
