import type { Log } from '../telemetry/log.ts'

/** Messages between rooms and between Macs. Two implementations: core NATS (`nats-bus.ts`) and memory (`memory-bus.ts`). */
export interface Bus {
  /**
   * Hands a message over for delivery, at most once. With `reply`, the answers go to that subject, and when nobody
   * listens on `subject` a message with `noResponders` arrives there. While the connection is interrupted messages wait
   * for it, for a while (`held-messages.ts`). Throws MeshError('NO_WORKER') once closed, RangeError over `maxMessageBytes`.
   */
  publish(subject: string, data: Uint8Array, reply?: string): void
  /**
   * `*` stands for one token of the subject, `>` for the rest. Returns what ends the subscription. Messages of one
   * sender arrive in their order. An error thrown by `onMessage` is logged and touches nobody else.
   */
  subscribe(subject: string, onMessage: (message: BusMessage) => void): () => void
  /** One message, one answer. Rejects with MeshError: NO_WORKER when nobody listens, WORKER_LOST after `timeoutMs`. */
  request(subject: string, data: Uint8Array, timeoutMs: number): Promise<Uint8Array>
  /** False while the way to the other peers is interrupted; the bus reconnects by itself, for ever. */
  readonly connected: boolean
  /**
   * Calls back after each reconnection: what was under way when the connection broke may be lost. An error thrown by
   * `run` is logged and touches nobody else.
   */
  onReconnect(run: () => void): () => void
  /** Resolves when everything published before has reached the server. Rejects after `timeoutMs`, or when interrupted. */
  flush(timeoutMs: number): Promise<void>
  /** Delivers what was published, then ends all subscriptions. */
  close(): Promise<void>
}

export interface BusMessage {
  readonly subject: string
  readonly data: Uint8Array
  /** True for the notice that nobody listened on the subject of a message sent with this subject as `reply`. */
  readonly noResponders: boolean
  /** True when the sender waits for an answer. */
  readonly wantsAnswer: boolean
  /** Answers the sender; does nothing when the sender wants no answer. */
  respond(data: Uint8Array): void
}

/** The largest message that every server of the mesh takes: longer ones are sent in pieces by their sender. */
export const maxMessageBytes = 1024 * 1024

/** After a reconnection: one that fails keeps none of the others from their turn. */
export function runEach(callbacks: Iterable<() => void>, log: Log): void {
  for (const run of callbacks) {
    try {
      run()
    } catch (error) {
      log.error('what had to be done after a reconnection failed', { error })
    }
  }
}

export function refuseOversized(subject: string, data: Uint8Array): void {
  if (data.length <= maxMessageBytes) return
  throw new RangeError(
    `A message of ${data.length} bytes on ${subject} is longer than the ${maxMessageBytes} bytes a message may have.`,
  )
}
