// What Ollama's two ways to ask for text have in common.
import { z } from 'zod'
import type { OutputFormat, Thinking } from '../../protocol/inference.ts'
import { HttpError, invalid } from '../errors.ts'
import type { Exchange } from '../exchange.ts'
import { faultOfImage } from '../images.ts'
import type { Sequence } from '../infer.ts'
import { jsonSchema } from '../json-schema.ts'
import { samplingParameters } from '../parameters.ts'
import { sequenceOf } from '../sequence-of.ts'
import { modelNamed } from './model-name.ts'
import { options, samplingOf } from './options.ts'

export const commonParameters = {
  model: samplingParameters.model,
  stream: z.boolean().optional(),
  format: z.union([z.enum(['', 'json']), jsonSchema], 'expected json or a JSON schema').optional(),
  think: z
    .union([z.boolean(), z.enum(['low', 'medium', 'high'])], 'expected true, false, low, medium or high')
    .optional(),
  logprobs: z.boolean().optional(),
  top_logprobs: z.number().int().min(0).max(20).optional(),
  options: options.optional(),
  // How long a model stays in memory is decided by who needs the room.
  keep_alive: z.union([z.string(), z.number()], 'expected a duration').optional(),
}

export type CommonBody = z.infer<z.ZodObject<typeof commonParameters>>

/** Without what the model is told. Throws HttpError 400. */
export function commonSequence(body: CommonBody, exchange: Exchange): Sequence {
  if (body.top_logprobs !== undefined && body.top_logprobs > 0 && !body.logprobs)
    throw invalid('top_logprobs', "'top_logprobs' needs 'logprobs' to be true.")
  return {
    ...sequenceOf({ model: modelNamed(body.model) }, exchange),
    ...samplingOf(body.options),
    logprobs: body.logprobs ? (body.top_logprobs ?? 0) : undefined,
    format: formatOf(body.format),
    thinking: thinkingOf(body.think),
  }
}

/** Nothing is asked for but that the model be there: one token is read, and nothing said. Throws HttpError 400. */
export function loadingSequence(body: CommonBody, exchange: Exchange): Sequence {
  if (/^-?0/.test(String(body.keep_alive ?? '')) && Number.parseFloat(String(body.keep_alive)) === 0) {
    const message = "'keep_alive' is 0, which asks for the model to be unloaded: do that in the app."
    throw new HttpError(400, 'unsupported_parameter', message, { param: 'keep_alive' })
  }
  return { ...sequenceOf({ model: modelNamed(body.model) }, exchange), prompt: [0], maxTokens: 0 }
}

/** Ollama's pictures are bare Base64. Throws HttpError 400. */
export function imagesOf(images: readonly string[] | null | undefined, where: string): string[] {
  return (images ?? []).map((image, i) => {
    const known = kinds.find(([start]) => image.startsWith(start))
    const url = known ? `data:image/${known[1]};base64,${image}` : image
    const fault = faultOfImage(url)
    if (fault === null) return url
    const param = `${where}[${i}]`
    const message = known ? fault : 'expected a picture in Base64: png, jpeg, webp or gif'
    throw invalid(param, `Invalid value for '${param}': ${message}.`)
  })
}

/** How the first bytes of each look in Base64. */
const kinds = [
  ['iVBORw0KGgo', 'png'],
  ['/9j/', 'jpeg'],
  ['UklGR', 'webp'],
  ['R0lGOD', 'gif'],
] as const

function formatOf(format: CommonBody['format']): OutputFormat | undefined {
  if (format === undefined || format === '') return undefined
  const param = 'format'
  return format === 'json' ? { type: 'json_object', param } : { type: 'json_schema', schema: format, param }
}

function thinkingOf(think: CommonBody['think']): Thinking | undefined {
  if (think === undefined) return undefined
  return typeof think === 'boolean' ? { enabled: think } : { enabled: true, effort: think }
}
