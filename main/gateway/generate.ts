// Every request for text or for vectors, whatever its words: counted, planned, answered, recorded.
import { ByteAllowance } from '../protocol/byte-allowance.ts'
import { asMeshError } from '../protocol/errors.ts'
import { readJson, tooManyLarge } from './body.ts'
import { allowModel } from './entrance.ts'
import type { Exchange } from './exchange.ts'
import { fetchImages, type ImageAddresses } from './image-addresses.ts'
import type { Infer } from './infer.ts'
import type { Limits } from './limits.ts'
import { modelNamed } from './ollama/model-name.ts'
import { isObject } from './parameters.ts'
import type { Plan, VectorsPlan } from './plan.ts'
import type { Handler } from './router.ts'
import type { EventStreams } from './sse.ts'
import { sendStream } from './streamed-answer.ts'
import type { Traffic } from './traffic.ts'
import { sendVectors } from './vectors-answer.ts'
import { sendWhole } from './whole-answer.ts'

export interface GenerateOptions {
  readonly infer: Infer
  readonly traffic: Traffic
  readonly streams: EventStreams
  readonly images: ImageAddresses
  readonly limits: Pick<Limits, 'bodyBytes' | 'smallBodyBytes' | 'largeBodiesBytes'>
}

/** `plan` throws HttpError when the body does not make sense. */
export type PlanRequest = (body: unknown, exchange: Exchange) => Plan | VectorsPlan

export type Generate = (plan: PlanRequest) => Handler

export function createGenerate({ infer, traffic, streams, images, limits }: GenerateOptions): Generate {
  const large = { fromBytes: limits.smallBodyBytes, allowance: new ByteAllowance(limits.largeBodiesBytes) }
  /** For what it has in memory beside its body. Throws MeshError OVERLOADED. */
  const makeRoom = (exchange: Exchange, bytes: number) => {
    if (bytes <= large.fromBytes) return
    if (!large.allowance.take(bytes)) throw tooManyLarge()
    exchange.largeBodyBytes += bytes
  }
  return plan => async exchange => {
    const trace = traffic.begin(exchange)
    try {
      const body = await readJson(exchange, limits.bodyBytes, large)
      trace.isFor(modelNamedIn(body))
      const asked = plan(body, exchange)
      for (const { sequence } of asked.parts) allowModel(exchange, sequence.modelId)
      const { parts, bytes } = await fetchImages(asked.parts, images, exchange.signal)
      makeRoom(exchange, bytes)
      const planned = { ...asked, parts }
      if ('carriedBytes' in planned) makeRoom(exchange, planned.carriedBytes ?? 0)
      if ('vectors' in planned) await sendVectors(infer, planned, exchange, trace)
      else if (planned.stream) await sendStream(infer, streams, planned, { exchange, trace })
      else await sendWhole(infer, planned, exchange, trace)
      trace.end(null)
    } catch (thrown) {
      const error = exchange.signal.aborted ? exchange.signal.reason : thrown
      trace.end(error)
      exchange.abort(asMeshError(error)) // the other sequences of the request
      throw error
    } finally {
      large.allowance.giveBack(exchange.largeBodyBytes)
    }
  }
}

/** Also of a body that will be refused, for the record. */
function modelNamedIn(body: unknown): string {
  if (!isObject(body)) return ''
  const { model } = body
  return typeof model === 'string' ? modelNamed(model) : ''
}
