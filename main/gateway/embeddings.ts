import type { Embedding } from '../protocol/inference.ts'
import { checkEmbeddingBody, inputsOf } from './embedding-body.ts'
import type { Exchange } from './exchange.ts'
import type { Part, VectorsPlan, VectorsShape } from './plan.ts'

/**
 * Inputs that travel together. Several Macs share a longer list; and when one is lost, no more than this is computed
 * another time.
 */
const inputsPerPart = 256

/** `POST /v1/embeddings` */
export function planEmbeddings(value: unknown, exchange: Exchange): VectorsPlan {
  const body = checkEmbeddingBody(value)
  const { model, dimensions, encoding_format: format } = body
  return {
    parts: makeVectorParts({ modelId: model, traceId: exchange.requestId }, inputsOf(body), dimensions),
    vectors: createEmbeddingShape(model, format === 'base64' ? asBase64 : asNumbers),
  }
}

/**
 * The sequences that bring the vectors of so many inputs, in whatever interface they were asked for.
 */
export function makeVectorParts(
  common: { readonly modelId: string; readonly traceId: string },
  inputs: Embedding['inputs'],
  dimensions: number | undefined,
): Part[] {
  const parts: Part[] = []
  for (let first = 0; first < inputs.length; first += inputsPerPart) {
    const embedding = { inputs: inputs.slice(first, first + inputsPerPart), first, dimensions }
    parts.push({ index: parts.length, countsPrompt: true, sequence: { ...common, embedding } })
  }
  return parts
}

function createEmbeddingShape(model: string, encode: (values: Buffer) => string): VectorsShape {
  return {
    vector: (index, values) => `{"object":"embedding","index":${index},"embedding":${encode(values)}}`,
    whole: (vectors, { prompt_tokens }) => {
      const usage = JSON.stringify({ prompt_tokens, total_tokens: prompt_tokens })
      return `{"object":"list","data":[${vectors}],"model":${JSON.stringify(model)},"usage":${usage}}`
    },
  }
}

function asBase64(values: Buffer): string {
  return `"${values.toString('base64')}"`
}

/**
 * Of little-endian 32-bit floats, with the digits that tell each from its neighbours.
 */
export function asNumbers(values: Buffer): string {
  const numbers: string[] = []
  for (let at = 0; at < values.length; at += 4) numbers.push(String(shortest(values.readFloatLE(at))))
  return `[${numbers.join(',')}]`
}

/** What 32 bits hold has up to 9 digits, not the 17 of JavaScript's numbers. */
function shortest(value: number): number {
  return Number(value.toPrecision(9))
}
