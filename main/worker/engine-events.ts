import type { EngineEvent, EngineModel } from '../engine/engine.ts'
import type { InferenceRequest } from '../protocol/inference.ts'

/** What a model makes of a request; an abort leaves the loop at once, also while it waits for the next event. */
export function engineEvents(
  model: EngineModel,
  request: InferenceRequest,
  signal: AbortSignal,
): AsyncIterable<EngineEvent> {
  const { embedding, traceId } = request
  const events = embedding ? model.embed({ ...embedding, traceId }) : model.generate(request)
  const iterator = events[Symbol.asyncIterator]()
  signal.addEventListener('abort', () => void iterator.return?.(), { once: true })
  return { [Symbol.asyncIterator]: () => iterator }
}
