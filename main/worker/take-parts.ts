// Brings bytes that somebody else on the bus has, part by part and in order, four on their way at a time. Whoever gives
// answers with parts as in `protocol/parts`; what a failure means is the caller's.
import type { Bus } from '../fabric/bus.ts'
import { abortable } from '../protocol/abortable.ts'
import { asMeshError, MeshError } from '../protocol/errors.ts'
import { openPart, partBytes } from '../protocol/parts.ts'

export interface TakePartsOptions {
  readonly bus: Bus
  readonly fromBytes: number
  readonly sizeBytes: number
  readonly ask: (offset: number, length: number) => { readonly subject: string; readonly data: Uint8Array }
  /** A part did not come. Resolves when it may be asked for again; rejects to give up. */
  readonly failed: (reason: MeshError) => Promise<void>
  readonly signal: AbortSignal
}

/** Parts that are asked for before the first of them has come. */
const windowParts = 4
const partTimeoutMs = 5000

/** Rejects with the reason of the signal, and as `failed` does. */
export async function* takeParts(options: TakePartsOptions): AsyncGenerator<Uint8Array> {
  const { sizeBytes, signal } = options
  let doneBytes = options.fromBytes
  let askedBytes = doneBytes
  let window: Promise<Uint8Array | MeshError>[] = []
  while (doneBytes < sizeBytes) {
    for (; askedBytes < sizeBytes && window.length < windowParts; askedBytes += partBytes)
      window.push(takePart(askedBytes, Math.min(partBytes, sizeBytes - askedBytes), options))
    const part = await window.shift()
    signal.throwIfAborted()
    if (part instanceof Uint8Array) {
      doneBytes += part.length
      yield part
    } else {
      window = []
      askedBytes = doneBytes
      await options.failed(asMeshError(part))
    }
  }
}

/** Never rejects: a later part may fail while an earlier one is waited for. */
async function takePart(
  offset: number,
  length: number,
  { ask, bus, signal }: TakePartsOptions,
): Promise<Uint8Array | MeshError> {
  const { subject, data } = ask(offset, length)
  try {
    const part = openPart(await abortable(bus.request(subject, data, partTimeoutMs), signal))
    if (typeof part === 'string') return new MeshError('INTERNAL', part)
    if (part.length === length) return part
    return new MeshError('INTERNAL', `${subject} gave ${part.length} bytes, not ${length}.`)
  } catch (thrown) {
    return asMeshError(thrown)
  }
}
