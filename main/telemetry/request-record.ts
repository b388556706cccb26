import type { RecordedChoice } from '../protocol/choices.ts'

/** How one client's request went; made once, at its end. */
export interface RequestRecord {
  readonly requestId: string
  readonly modelId: string
  /** Null when no Mac took it. */
  readonly workerId: string | null
  readonly status: RequestStatus
  readonly httpStatus: number
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number
  readonly latencyMs: number
  /** From the start to the first token; null when there was none. */
  readonly firstTokenMs: number | null
  /** Of the time before the first token, what it waited for a Mac, a model or a place in its batch; null where that is unknown. */
  readonly queuedMs: number | null
  readonly promptTokens: number
  readonly tokensGenerated: number
  /** Prompt tokens that came out of the prefix cache. */
  readonly cachedTokens: number
  readonly errorCode: string | null
  /** Which Macs were chosen, one after the other, and why; null in records of other releases. */
  readonly choices: readonly RecordedChoice[] | null
}

/** Which of the requests that are kept; null: any. */
export interface RequestQuery {
  readonly limit: number
  readonly status: RequestStatus | null
  /** Part of its id, its model or its error code, in any case of letters. */
  readonly text: string | null
  readonly modelId: string | null
  /** One of the Macs that had it. */
  readonly workerId: string | null
  /** Started before, milliseconds since the epoch. */
  readonly beforeMs: number | null
  /** Of those that started at `beforeMs` itself, what comes after this one. */
  readonly afterId: string | null
}

/** As it stands in lists. */
export type RequestSummary = Omit<RequestRecord, 'choices'>

export const requestStatuses = ['completed', 'failed', 'cancelled'] as const
type RequestStatus = (typeof requestStatuses)[number]
