// Event streams on their way to clients: one write per turn of the event loop, comments while nothing happens, and
// a limit to what waits for a client that does not read. It knows nothing of what the events say.

import { createTurnEnd } from '../fabric/turn-end.ts'
import type { Clock } from '../protocol/clock.ts'
import { MeshError } from '../protocol/errors.ts'
import { LiveTable } from '../protocol/live-table.ts'
import type { Exchange } from './exchange.ts'
import type { Limits } from './limits.ts'

export interface EventStreams {
  /** Nothing is sent before `open`, or before the client has waited for `keepAliveMs`. */
  begin(exchange: Exchange): EventStream
  close(): void
}

const tickMs = 1000
/** Events of one turn beyond which they are written before more are taken. */
const maxWaitingBytes = 64 << 10

export function createEventStreams(clock: Clock, limits: Limits): EventStreams {
  const streams = new LiveTable<EventStream>()
  let serial = 0
  const atTurnEnd = createTurnEnd()
  const stop = clock.every(tickMs, () => {
    for (const stream of streams.values()) stream.tick(clock.now())
  })
  return {
    begin: exchange => {
      const id = `stream${serial++}`
      const stream = new EventStream(exchange, { clock, limits, atTurnEnd, forget: () => streams.delete(id) })
      streams.set(id, stream)
      return stream
    },
    close: stop,
  }
}

interface Surroundings {
  readonly clock: Clock
  readonly limits: Limits
  readonly atTurnEnd: (run: () => void) => void
  readonly forget: () => void
}

export class EventStream {
  readonly #exchange: Exchange
  readonly #around: Surroundings
  readonly #flush = () => this.#write()
  #waiting: (string | Uint8Array)[] = []
  #waitingBytes = 0
  #lastWriteMs: number
  #stalledSinceMs: number | null = null
  #state: 'waiting' | 'open' | 'ended' = 'waiting'
  readonly #opened = Promise.withResolvers<void>()

  constructor(exchange: Exchange, around: Surroundings) {
    this.#exchange = exchange
    this.#around = around
    this.#lastWriteMs = around.clock.now()
  }

  /** Headers are out: from here on a failure is an event. */
  get isOpen(): boolean {
    return this.#state !== 'waiting'
  }

  get opened(): Promise<void> {
    return this.#opened.promise
  }

  open(): void {
    if (this.#state !== 'waiting') return
    this.#state = 'open'
    this.#exchange.openStream()
    this.#opened.resolve()
  }

  send(events: string | Uint8Array): void {
    if (events.length === 0 || this.#state === 'ended') return
    if (this.#waiting.length === 0) this.#around.atTurnEnd(this.#flush)
    this.#waiting.push(events)
    this.#waitingBytes += events.length
  }

  /** No more events should be taken from their source until `drained`. */
  get isFull(): boolean {
    return this.#waitingBytes > maxWaitingBytes || this.#exchange.res.writableNeedDrain
  }

  /** Resolves when there is room again, or nobody to wait for. */
  async drained(): Promise<void> {
    const { res } = this.#exchange
    this.#write()
    this.#stalledSinceMs = this.#around.clock.now()
    while (res.writableNeedDrain && !res.destroyed) {
      await new Promise<void>(resolve => {
        const wake = () => {
          res.off('drain', wake).off('close', wake)
          resolve()
        }
        res.once('drain', wake).once('close', wake)
      })
    }
    this.#stalledSinceMs = null
  }

  /** Last events, and the end. */
  end(events: string): void {
    this.send(events)
    this.#write()
    this.leave()
    this.#exchange.endStream()
  }

  /** Forgets the stream without a word: another answer is sent, or nobody is there. */
  leave(): void {
    this.#state = 'ended'
    this.#around.forget()
    this.#opened.resolve() // whoever waits goes on and finds its sequence called off
  }

  tick(nowMs: number): void {
    const { keepAliveMs, stalledClientMs } = this.#around.limits
    if (this.#stalledSinceMs !== null) {
      if (nowMs - this.#stalledSinceMs < stalledClientMs) return
      this.#exchange.abort(
        new MeshError('SLOW_CONSUMER', 'The client does not read the answer; it was given up.'),
      )
      this.#exchange.res.destroy()
    } else if (nowMs - this.#lastWriteMs >= keepAliveMs) {
      this.open()
      const { res, dialect } = this.#exchange
      if (dialect.keepAlive === '')
        res.flushHeaders() // at least they say that somebody is there
      else this.send(dialect.keepAlive)
    }
  }

  #write(): void {
    const { res } = this.#exchange
    const waiting = this.#waiting
    if (waiting.length === 0) return
    this.#waiting = []
    this.#waitingBytes = 0
    this.#lastWriteMs = this.#around.clock.now()
    const [first] = waiting
    if (res.destroyed || first === undefined) return
    res.write(waiting.length === 1 ? first : joined(waiting))
  }
}

function joined(pieces: readonly (string | Uint8Array)[]): string | Uint8Array {
  if (pieces.every(piece => typeof piece === 'string')) return pieces.join('')
  return Buffer.concat(pieces.map(piece => (typeof piece === 'string' ? Buffer.from(piece) : piece)))
}
