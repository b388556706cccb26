import { z } from 'zod'
import { type Embedding, maxInputs } from '../protocol/inference.ts'
import { listOf } from './list-of.ts'
import { checkParameters, maxWhole, samplingParameters } from './parameters.ts'
import { tokenIds } from './token-ids.ts'

const text = z.string().min(1, 'an empty text has no embedding')

const { model, user } = samplingParameters

const embeddingBody = z.strictObject({
  model,
  user,
  input: z.union(
    [text, tokenIds, listOf(text, { min: 1, max: maxInputs }), listOf(tokenIds, { min: 1, max: maxInputs })],
    `expected a text, a list of up to ${maxInputs} texts, a list of token ids, or a list of up to ${maxInputs} such lists`,
  ),
  encoding_format: z.enum(['float', 'base64']).optional(),
  dimensions: z.number().int().min(1).max(maxWhole).optional(),
})

export type EmbeddingBody = z.infer<typeof embeddingBody>

/** Throws HttpError 400 that names the parameter. */
export function checkEmbeddingBody(value: unknown): EmbeddingBody {
  return checkParameters(embeddingBody, {}, value)
}

/** Each by itself. */
export function inputsOf({ input }: EmbeddingBody): Embedding['inputs'] {
  if (typeof input === 'string') return [input]
  const list: (string | number | number[])[] = input
  const inputs = list.filter(item => typeof item !== 'number')
  return inputs.length > 0 ? inputs : [list.filter(item => typeof item === 'number')]
}
