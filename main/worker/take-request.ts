// Brings a request that is longer than a message from the gateway that has announced it, and tries again for a few seconds
// when parts of it do not come.
import type { Bus } from '../fabric/bus.ts'
import { abortable } from '../protocol/abortable.ts'
import type { Clock } from '../protocol/clock.ts'
import { MeshError } from '../protocol/errors.ts'
import {
  type BodyReadRequest,
  type InferenceRequest,
  inferenceRequest,
  type LargeRequest,
} from '../protocol/inference.ts'
import { decodeJson, encodeJson, faultOf } from '../protocol/json.ts'
import { subjects } from '../protocol/subjects.ts'
import type { Log } from '../telemetry/log.ts'
import { takeParts } from './take-parts.ts'

export interface TakeRequestOptions {
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

/** Since the last part that came. A nats-server that was killed is back within the first of them. */
const pausesMs = [100, 250, 500, 1000, 2000]

/** Rejects with the reason of the signal, and with WORKER_LOST when the gateway does not give it: another Mac may get it. */
export async function takeRequest(
  { requestId, sizeBytes }: LargeRequest,
  { bus, clock, log, signal }: TakeRequestOptions,
): Promise<InferenceRequest> {
  const subject = subjects.body(requestId)
  const body = new Uint8Array(sizeBytes)
  let doneBytes = 0
  let failures = 0
  const parts = takeParts({
    bus,
    fromBytes: 0,
    sizeBytes,
    ask: (offset, length) => ({ subject, data: encodeJson({ offset, length } satisfies BodyReadRequest) }),
    failed,
    signal,
  })
  for await (const part of parts) {
    failures = 0
    body.set(part, doneBytes)
    doneBytes += part.length
  }
  try {
    return inferenceRequest.parse(decodeJson(body))
  } catch (thrown) {
    log.warn('a large request was refused', { requestId, fault: faultOf(thrown) })
    throw unreadable()
  }

  async function failed(reason: MeshError): Promise<void> {
    const pauseMs = pausesMs[failures++]
    if (pauseMs === undefined) {
      const message = `The request did not reach the Mac that was to answer: ${reason.message}`
      throw new MeshError('WORKER_LOST', message, { cause: reason })
    }
    let callOff = () => {}
    const pause = new Promise<void>(resolve => {
      callOff = clock.after(pauseMs, resolve)
    })
    await abortable(pause, signal).finally(callOff)
  }
}

/** Says nothing of the request's words. */
export function unreadable(): MeshError {
  return new MeshError(
    'INTERNAL',
    'The Mac could not read the request. Do all Macs run the same version of the app?',
  )
}
