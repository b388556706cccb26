/** Splits the bytes of an event stream into the texts of its `data:` fields. Comments and other fields are passed over. */
export class SseReader {
  readonly #onData: (data: string) => void
  #waiting: Buffer = Buffer.alloc(0)
  #data: string | null = null

  constructor(onData: (data: string) => void) {
    this.#onData = onData
  }

  push(received: Buffer): void {
    const bytes = this.#waiting.length > 0 ? Buffer.concat([this.#waiting, received]) : received
    let from = 0
    for (;;) {
      const end = bytes.indexOf(0x0a, from)
      if (end < 0) break
      const carriageReturn = end > from && bytes[end - 1] === 0x0d ? 1 : 0
      this.#readLine(bytes.toString('utf8', from, end - carriageReturn))
      from = end + 1
    }
    this.#waiting = bytes.subarray(from)
  }

  #readLine(line: string): void {
    if (line === '') {
      if (this.#data !== null) this.#onData(this.#data)
      this.#data = null
    } else if (line.startsWith('data:')) {
      const data = line.slice(line[5] === ' ' ? 6 : 5)
      this.#data = this.#data === null ? data : `${this.#data}\n${data}`
    }
  }
}
