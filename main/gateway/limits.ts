import { maxRequestBytes } from '../protocol/inference.ts'

export interface Limits {
  /** More than a request that a Mac is sent: JSON may write a character in several ways, and of a list of prompts each travels by itself. */
  readonly bodyBytes: number
  /** A larger body takes of what all such bodies together may have until its answer has ended, or is answered 429. */
  readonly smallBodyBytes: number
  readonly largeBodiesBytes: number
  /** Chat and completion requests in hand; more are answered 429. */
  readonly concurrentRequests: number
  /** Answers to one request: `n` times the number of prompts. */
  readonly choicesPerRequest: number
  /** Connections of other machines; further ones are closed at once. */
  readonly foreignConnections: number
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
  bodyBytes: maxRequestBytes + (4 << 20),
  smallBodyBytes: 1 << 20,
  largeBodiesBytes: 256 << 20,
  concurrentRequests: 1024,
  choicesPerRequest: 128,
  foreignConnections: 4096,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  idleConnectionMs: 75_000,
  keepAliveMs: 5000,
  stalledClientMs: 60_000,
}
