// Messages between two Macs that do not trust each other yet, in order. Knows lines, and no sockets.

import { PairingFailure, type PairingReason, reasonFor, refusalFor } from './failure.ts'
import { type Message, type MessageOf, message } from './messages.ts'

/** Neither end ever says more than two things before the other one speaks. */
const mostUnread = 2

export interface Wire {
  write(line: string): void
  /** What was written before still goes out. */
  hangUp(): void
}

export class Channel {
  readonly #wire: Wire
  readonly #unread: Message[] = []
  #waiting: PromiseWithResolvers<Message> | null = null
  #failure: PairingFailure | null = null

  constructor(wire: Wire) {
    this.#wire = wire
  }

  send(sent: Message): void {
    if (this.#failure === null) this.#wire.write(JSON.stringify(sent))
  }

  /** The next message. Rejects with PairingFailure when it is another one, or when the channel has ended. */
  async receive<Type extends Message['type']>(type: Type): Promise<MessageOf<Type>> {
    const received = await this.#next()
    if (isOfType(received, type)) return received
    if (received.type === 'refused') throw new PairingFailure(reasonFor(received.reason))
    throw new PairingFailure('tampered')
  }

  /** For the wire: a line has come. Whatever is no message ends the channel. */
  arrive(line: string): void {
    const parsed = message.safeParse(jsonIn(line))
    if (!parsed.success || this.#unread.length >= mostUnread) this.end('tampered')
    else if (this.#waiting) this.#settle(waiting => waiting.resolve(parsed.data))
    else this.#unread.push(parsed.data)
  }

  /** Ends both directions; who waits for a message learns the reason, and so does the other end. The first reason counts. */
  end(reason: PairingReason): void {
    if (this.#failure !== null) return
    const failure = new PairingFailure(reason)
    if (reason !== 'closed') this.send({ type: 'refused', reason: refusalFor(reason) })
    this.#failure = failure
    this.#settle(waiting => waiting.reject(failure))
    this.#wire.hangUp()
  }

  #next(): Promise<Message> {
    const first = this.#unread.shift()
    if (first) return Promise.resolve(first)
    if (this.#failure) return Promise.reject(this.#failure)
    this.#waiting = Promise.withResolvers()
    return this.#waiting.promise
  }

  #settle(how: (waiting: PromiseWithResolvers<Message>) => void): void {
    const waiting = this.#waiting
    this.#waiting = null
    if (waiting) how(waiting)
  }
}

function isOfType<Type extends Message['type']>(received: Message, type: Type): received is MessageOf<Type> {
  return received.type === type
}

function jsonIn(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
