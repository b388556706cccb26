// The text in ready bytes of a stream: `head + JSON string + tail`, as the worker made them for one client.
import type { InferEvent, Sequence } from './infer.ts'

export type Rendering = NonNullable<Sequence['render']>
type Rendered = Extract<InferEvent, { type: 'rendered' }>

export class RenderedText {
  readonly #headBytes: number
  readonly #tailBytes: number

  constructor({ head, tail }: Rendering) {
    this.#headBytes = Buffer.byteLength(head)
    this.#tailBytes = Buffer.byteLength(tail)
  }

  /** What stands between the quotes of the JSON string: such texts can be put together. */
  jsonOf(bytes: Uint8Array): string {
    if (bytes.length === 0) return ''
    const end = bytes.length - this.#tailBytes - 1
    return bufferOf(bytes).toString('utf8', this.#headBytes + 1, end)
  }

  /** For a client that is told in other words, or does not stream. */
  for(wanted: Rendering | undefined, { bytes, ids }: Rendered): InferEvent {
    if (!wanted) return { type: 'token', token: textOf(this.jsonOf(bytes)), ids }
    if (bytes.length === 0) return { type: 'rendered', bytes, ids }
    const json = bufferOf(bytes).subarray(this.#headBytes, bytes.length - this.#tailBytes)
    const parts = [Buffer.from(wanted.head), json, Buffer.from(wanted.tail)]
    return { type: 'rendered', bytes: Buffer.concat(parts), ids }
  }
}

export function textOf(json: string): string {
  return String(JSON.parse(`"${json}"`))
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
