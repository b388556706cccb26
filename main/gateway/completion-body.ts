import { z } from 'zod'
import { invalid } from './errors.ts'
import { listOf } from './list-of.ts'
import { formatParameters } from './output-format.ts'
import { checkParameters, maxWhole, samplingParameters } from './parameters.ts'
import { tokenIds } from './token-ids.ts'

const maxBestOf = 20

/** More than there can be answers: that message says more than this number would. */
const maxPrompts = 1024

const completionBody = z.strictObject({
  ...samplingParameters,
  ...formatParameters,
  prompt: z.union(
    [
      z.string(),
      tokenIds,
      listOf(z.string(), { min: 1, max: maxPrompts }),
      listOf(tokenIds, { min: 1, max: maxPrompts }),
    ],
    'expected a string, a list of strings, a list of token ids, or a list of such lists',
  ),
  max_tokens: z.number().int().min(0).max(maxWhole).default(16),
  echo: z.boolean().optional(),
  logprobs: z.number().int().min(0).max(5).optional(),
  best_of: z.number().int().min(1).max(maxBestOf).optional(),
  suffix: z.string().optional(),
})

export type CompletionBody = z.infer<typeof completionBody>

/** Throws HttpError 400 that names the parameter. */
export function checkCompletionBody(value: unknown): CompletionBody {
  const body = checkParameters(completionBody, {}, value)
  const { suffix, best_of, n = 1, stream } = body
  if (suffix)
    throw invalid(
      'suffix',
      "'suffix' is not supported: it needs a model that was trained to fill gaps, and its own way to be told of one. Put the marks of the model into 'prompt'.",
      'unsupported_parameter',
    )
  if (best_of !== undefined && best_of < n)
    throw invalid('best_of', `'best_of' has to be at least 'n', which is ${n}.`)
  if (best_of !== undefined && best_of > n && stream)
    throw invalid(
      'best_of',
      "'best_of' above 'n' cannot be streamed: which answers are the best is known when all have ended.",
      'invalid_parameter_combination',
    )
  return body
}

/** Each prompt by itself. */
export function promptsOf({ prompt }: CompletionBody): (string | number[])[] {
  if (typeof prompt === 'string') return [prompt]
  const lists: (string | number | number[])[] = prompt
  const prompts = lists.filter(item => typeof item !== 'number')
  return prompts.length > 0 ? prompts : [lists.filter(item => typeof item === 'number')]
}
