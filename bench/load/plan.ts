import type { Distribution } from './samples.ts'

/** What to send, how fast, and until when. */
export interface LoadPlan {
  /** `http://host:port/path`. */
  readonly url: string
  /** JSON bodies of the requests, used in turn. */
  readonly bodies: readonly string[]
  /** The answers are event streams. */
  readonly streaming: boolean
  readonly connections: number
  /**
   * Closed: each connection sends its next request when it has its answer. Open: requests are due at a constant rate
   * whatever the answers do, and are measured from when they were due, so that a stall counts for all it delays.
   */
  readonly pace: { readonly type: 'closed' } | { readonly type: 'open'; readonly requestsPerS: number }
  readonly stop:
    | { readonly type: 'time'; readonly warmupMs: number; readonly measureMs: number }
    | { readonly type: 'count'; readonly requests: number; readonly withinMs: number }
  /** Tokens of each answer, each of which ends with a space; fewer are lost tokens. Null: any number will do. */
  readonly expectTokens: number | null
  /** How long the last answers may take once nothing is sent any more. */
  readonly drainMs: number
  /** A process whose CPU time is wanted. */
  readonly watchPid: number | null
}

/** Distributions are in microseconds. They cover the requests that were due while measuring. */
export interface LoadResult {
  readonly requests: number
  readonly errors: Readonly<Record<string, number>>
  readonly requestsPerS: number
  /** From `usage` where the server sends it, stamps or events otherwise. */
  readonly tokens: number
  readonly tokensPerS: number
  readonly lostTokens: number
  readonly latency: Distribution | null
  readonly firstToken: Distribution | null
  /** Between events with text of one answer. */
  readonly tokenGap: Distribution | null
  /** From the stamp in a token to its arrival. */
  readonly tokenTransit: Distribution | null
  /** From when a request was due to when it was sent: the generator's own lateness. */
  readonly sendDelay: Distribution | null
  /** CPU time of this process while measuring, as a share of one core. */
  readonly generatorCpuShare: number
  /** CPU time of the watched process for each second of measuring, in microseconds; null where nobody tells. */
  readonly watchedCpuUsPerS: number | null
}
