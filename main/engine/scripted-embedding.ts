// Vectors of a scripted model: each depends on the words of its text alone, and two texts are the nearer the more words they
// share.
import { MeshError } from '../protocol/errors.ts'
import type { EmbedRequest, EngineEvent } from './engine.ts'

const size = 16
/** A multiple of 3, so that the base64 of parts can be joined. */
const bytesPerPart = 960

/** Throws MeshError, as the runtime refuses. */
export function scriptedEmbedding(request: EmbedRequest, contextTokens: number): EngineEvent[] {
  const { inputs, first = 0, dimensions = size } = request
  if (dimensions > size) {
    const message = `dimensions must be an integer between 1 and ${size}, the size of this model's vectors`
    throw new MeshError('INVALID_REQUEST', message, { param: 'dimensions' })
  }
  let promptTokens = 0
  const vectors = inputs.map((input, i) => {
    const words = typeof input === 'string' ? input.split(/\s+/).filter(Boolean) : input.map(String)
    promptTokens += words.length
    if (words.length <= contextTokens) return vectorOf(words, dimensions)
    const message = `input[${first + i}] has ${words.length} tokens, but the model takes at most ${contextTokens}`
    throw new MeshError('CONTEXT_LENGTH_EXCEEDED', message, { param: `input[${first + i}]` })
  })
  const bytes = Buffer.concat(vectors)
  const events: EngineEvent[] = [{ type: 'started', promptTokens, cachedTokens: 0 }]
  for (let at = 0; at < bytes.length; at += bytesPerPart)
    events.push({ type: 'vectors', base64: bytes.toString('base64', at, at + bytesPerPart) })
  events.push({ type: 'done', finishReason: 'stop', completionTokens: 0 })
  return events
}

function vectorOf(words: readonly string[], dimensions: number): Buffer {
  const values = new Array<number>(dimensions).fill(0.01)
  for (const word of words) {
    let hash = 7
    for (let i = 0; i < word.length; i++) hash = (Math.imul(hash, 31) + word.charCodeAt(i)) >>> 0
    const place = hash % dimensions
    values[place] = (values[place] ?? 0) + 1
  }
  const length = Math.hypot(...values)
  const bytes = Buffer.alloc(dimensions * 4)
  for (const [i, value] of values.entries()) bytes.writeFloatLE(value / length, i * 4)
  return bytes
}
