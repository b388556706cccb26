// The text in ready bytes of a stream: `head + JSON string + tail`, as the worker made them for one client.
import type { InferEvent, Sequence } from './infer.ts'

export type Rendering = NonNullable<Sequence['render']>
type Rendered = Extract<InferEvent, { type: 'rendered' }>
type Token = Extract<InferEvent, { type: 'token' }>

/** For a client that does not stream, or is told in other words. */
export function asToken({ bytes, ids }: Rendered, made: Rendering): Token {
  return { type: 'token', token: bytes.length === 0 ? '' : textOf(bytes, made), ids }
}

/** The same for another client. The text is not looked at: it is a JSON string for both. */
export function renderedFor(event: Rendered, made: Rendering, wanted: Rendering): Rendered {
  if (event.bytes.length === 0 || (made.head === wanted.head && made.tail === wanted.tail)) return event
  const bytes = Buffer.concat([
    Buffer.from(wanted.head),
    between(event.bytes, made),
    Buffer.from(wanted.tail),
  ])
  return { ...event, bytes }
}

function textOf(bytes: Uint8Array, made: Rendering): string {
  return String(JSON.parse(between(bytes, made).toString()))
}

function between(bytes: Uint8Array, { head, tail }: Rendering): Buffer {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return all.subarray(Buffer.byteLength(head), all.length - Buffer.byteLength(tail))
}
