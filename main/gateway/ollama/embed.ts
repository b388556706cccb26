import { z } from 'zod'
import { maxInputs } from '../../protocol/inference.ts'
import { asNumbers, makeVectorParts } from '../embeddings.ts'
import type { Exchange } from '../exchange.ts'
import { listOf } from '../list-of.ts'
import { checkParameters, maxWhole } from '../parameters.ts'
import type { Part, VectorsPlan } from '../plan.ts'
import { nanoseconds } from './answer-shape.ts'
import { modelNamed } from './model-name.ts'
import { commonParameters } from './parameters.ts'

const text = z.string().min(1, 'an empty text has no embedding')
const { model, keep_alive, options } = commonParameters

const embedBody = z.strictObject({
  model,
  keep_alive,
  options,
  input: z.union([text, listOf(text, { min: 1, max: maxInputs })], 'expected a text, or a list of texts'),
  dimensions: z.number().int().min(1).max(maxWhole).optional(),
  // What is too long is refused either way, not cut.
  truncate: z.boolean().optional(),
})

const embeddingsBody = z.strictObject({ model, keep_alive, options, prompt: text })

/** `POST /api/embed` */
export function planOllamaEmbed(value: unknown, exchange: Exchange): VectorsPlan {
  const body = checkParameters(embedBody, {}, value)
  const inputs = typeof body.input === 'string' ? [body.input] : body.input
  return {
    parts: partsOf(body.model, inputs, exchange, body.dimensions),
    vectors: {
      vector: (_, values) => asNumbers(values),
      whole: (vectors, { prompt_tokens }, { totalMs, queuedMs }) => {
        const figures = {
          total_duration: nanoseconds(totalMs),
          load_duration: nanoseconds(queuedMs ?? 0),
          prompt_eval_count: prompt_tokens,
        }
        const head = `{"model":${JSON.stringify(body.model)},"embeddings":[${vectors}],`
        return head + JSON.stringify(figures).slice(1)
      },
    },
  }
}

/** `POST /api/embeddings`, the older one. */
export function planOllamaEmbeddings(value: unknown, exchange: Exchange): VectorsPlan {
  const { model: asked, prompt } = checkParameters(embeddingsBody, {}, value)
  return {
    parts: partsOf(asked, [prompt], exchange),
    vectors: { vector: (_, values) => asNumbers(values), whole: vector => `{"embedding":${vector}}` },
  }
}

function partsOf(asked: string, inputs: string[], { requestId }: Exchange, dimensions?: number): Part[] {
  return makeVectorParts({ modelId: modelNamed(asked), traceId: requestId }, inputs, dimensions)
}
