import { maxMessageBytes } from '../fabric/bus.ts'

export interface Limits {
  /** A chat becomes one message to a Mac. JSON may write each byte of it as six, and many clients do: `\u0041`. */
  readonly chatBodyBytes: number
  /** Of a list of prompts each becomes a message by itself. What is too large for a message is refused by the bus. */
  readonly completionBodyBytes: number
  /** Chat and completion requests in hand; more are answered 429. */
  readonly concurrentRequests: number
  /** Answers to one request: `n` times the number of prompts. */
  readonly choicesPerRequest: number
  readonly headersTimeoutMs: number
  /** Until a request has arrived with its whole body. */
  readonly requestTimeoutMs: number
  readonly idleConnectionMs: number
  /** Silence after which a stream gets a comment, and headers if it has none yet. */
  readonly keepAliveMs: number
  /** How long a client may leave a stream unread before it is given up. */
  readonly stalledClientMs: number
}

export const defaultLimits: Limits = {
  chatBodyBytes: 6 * maxMessageBytes,
  completionBodyBytes: 8 * maxMessageBytes,
  concurrentRequests: 1024,
  choicesPerRequest: 128,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  idleConnectionMs: 75_000,
  keepAliveMs: 5000,
  stalledClientMs: 60_000,
}
