// Reads HTTP/1 answers from the bytes of one connection: by length, in chunks, or up to its end. Knows nothing of what is in them.

export interface AnswerSink {
  onHead(status: number): void
  onBody(bytes: Buffer): void
  onEnd(): void
}

const headEnd = Buffer.from('\r\n\r\n')
const noBytes = Buffer.alloc(0)

/**
 * Where the reader is: in the head, in a body of known length, at a chunk's size line, in a chunk, in the trailer, or
 * in a body that ends with the connection.
 */
type Place = 'head' | 'body' | 'rest' | 'size' | 'chunk' | 'trailer'

export class AnswerReader {
  readonly #sink: AnswerSink
  #place: Place = 'head'
  #waiting: Buffer = noBytes
  /** Bytes of the body, or of the chunk and its line end, that are still to come. */
  #left = 0
  /** True when the server said that it closes the connection after this answer. */
  closing = false

  constructor(sink: AnswerSink) {
    this.#sink = sink
  }

  /** The server has closed the connection. False when the answer was not complete. */
  endOfInput(): boolean {
    if (this.#place !== 'rest') return false
    this.#end()
    return true
  }

  /** Throws on bytes that are not HTTP/1. */
  push(received: Buffer): void {
    let bytes = this.#waiting.length > 0 ? Buffer.concat([this.#waiting, received]) : received
    this.#waiting = noBytes
    while (bytes.length > 0) {
      const used = this.#step(bytes)
      if (used === 0) {
        this.#waiting = bytes
        return
      }
      bytes = bytes.subarray(used)
    }
  }

  /** Takes what it can from the front and says how many bytes it used; 0 asks for more. */
  #step(bytes: Buffer): number {
    switch (this.#place) {
      case 'head':
        return this.#readHead(bytes)
      case 'size':
        return this.#readSize(bytes)
      case 'trailer':
        return this.#readTrailer(bytes)
      case 'rest':
        this.#sink.onBody(bytes)
        return bytes.length
      case 'body':
        return this.#readBody(bytes)
      case 'chunk':
        return this.#readChunk(bytes)
    }
  }

  #readHead(bytes: Buffer): number {
    const end = bytes.indexOf(headEnd)
    if (end < 0) return 0
    const head = bytes.toString('latin1', 0, end).toLowerCase()
    if (!head.startsWith('http/1.')) throw new Error(`not an HTTP/1 answer: ${head.slice(0, 40)}`)
    const length = contentLength(head)
    const chunked = head.includes('\r\ntransfer-encoding: chunked')
    this.closing = head.includes('\r\nconnection: close') || (length === null && !chunked)
    this.#sink.onHead(Number(head.slice(9, 12)))
    if (chunked) this.#place = 'size'
    else if (length === null) this.#place = 'rest'
    else this.#expectBody(length)
    return end + headEnd.length
  }

  #expectBody(length: number): void {
    this.#left = length
    if (length > 0) this.#place = 'body'
    else this.#end()
  }

  #readBody(bytes: Buffer): number {
    const part = bytes.length > this.#left ? bytes.subarray(0, this.#left) : bytes
    this.#left -= part.length
    this.#sink.onBody(part)
    if (this.#left === 0) this.#end()
    return part.length
  }

  #readSize(bytes: Buffer): number {
    const end = bytes.indexOf('\r\n')
    if (end < 0) return 0
    const size = Number.parseInt(bytes.toString('latin1', 0, end), 16)
    if (Number.isNaN(size)) throw new Error('a chunk without a size')
    this.#left = size + 2
    this.#place = size === 0 ? 'trailer' : 'chunk'
    return end + 2
  }

  #readChunk(bytes: Buffer): number {
    const used = Math.min(bytes.length, this.#left)
    const text = Math.min(used, this.#left - 2)
    this.#left -= used
    if (text > 0) this.#sink.onBody(bytes.subarray(0, text))
    if (this.#left === 0) this.#place = 'size'
    return used
  }

  #readTrailer(bytes: Buffer): number {
    const end = bytes.indexOf('\r\n')
    if (end < 0) return 0
    if (end === 0) this.#end()
    return end + 2
  }

  #end(): void {
    this.#place = 'head'
    this.#sink.onEnd()
  }
}

function contentLength(head: string): number | null {
  const at = head.indexOf('\r\ncontent-length:')
  if (at < 0) return null
  return Number.parseInt(head.slice(at + 17, at + 40), 10)
}
