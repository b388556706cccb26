// Requests that are longer than a message: keeps their bytes, and gives them in parts to the workers that ask for them.
import type { Bus } from '../fabric/bus.ts'
import { parsed } from '../fabric/parsed.ts'
import { ByteAllowance } from '../protocol/byte-allowance.ts'
import { asMeshError, MeshError } from '../protocol/errors.ts'
import { type BodyReadRequest, bodyReadRequest, maxRequestBytes } from '../protocol/inference.ts'
import { makePart, makeRefusal } from '../protocol/parts.ts'
import { requestIdOf, subjects } from '../protocol/subjects.ts'
import type { Log } from '../telemetry/log.ts'

export interface Bodies {
  /** Throws MeshError: REQUEST_TOO_LARGE, or OVERLOADED when too much is in hand. */
  add(requestId: string, body: Uint8Array): void
  remove(requestId: string): void
  close(): void
}

/** Twelve of the longest. */
const mostBytesInHand = 256 << 20

export function giveBodies(options: { gatewayId: string; bus: Bus; log: Log }): Bodies {
  const { gatewayId, bus, log } = options
  const bodies = new Map<string, Uint8Array>()
  const allowance = new ByteAllowance(mostBytesInHand)

  const stop = bus.subscribe(
    subjects.bodiesOf(gatewayId),
    parsed(bodyReadRequest, log, (wanted, message) => {
      try {
        message.respond(partOf(bodies.get(requestIdOf(message.subject)), wanted))
      } catch (thrown) {
        log.debug('a part of a request could not be sent', { error: asMeshError(thrown).message })
      }
    }),
  )

  return {
    add(requestId, body) {
      if (body.length > maxRequestBytes) {
        const most = `${maxRequestBytes >> 20} MiB`
        throw new MeshError(
          'REQUEST_TOO_LARGE',
          `The request is too large: what a Mac is sent may have ${most}.`,
        )
      }
      if (!allowance.take(body.length)) {
        const message = 'This gateway already has too many large requests in hand.'
        throw new MeshError('OVERLOADED', message, { retryAfterMs: 1000 })
      }
      bodies.set(requestId, body)
    },
    remove(requestId) {
      allowance.giveBack(bodies.get(requestId)?.length ?? 0)
      bodies.delete(requestId)
    },
    close() {
      stop()
      bodies.clear()
    },
  }
}

function partOf(body: Uint8Array | undefined, { offset, length }: BodyReadRequest): Uint8Array {
  if (!body) return makeRefusal('The request is not in hand any more.')
  if (offset + length > body.length) return makeRefusal(`The request ends at ${body.length} bytes.`)
  const part = makePart(length)
  part.set(body.subarray(offset, offset + length), 1)
  return part
}
