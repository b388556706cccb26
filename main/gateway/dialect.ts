// How each interface says what is not an answer: failures, signs of life, the kind of its streams.
import { envelope, type Failure } from './errors.ts'

export interface Dialect {
  /** Of a stream. */
  readonly contentType: string
  /** What a stream says while nothing happens; empty: nothing can be said. */
  readonly keepAlive: string
  /** The body of an answer that is a failure. */
  failure(failure: Failure): string
  /** The last event of a stream that fails. */
  failureEvent(failure: Failure): string
}

const openaiDialect: Dialect = {
  contentType: 'text/event-stream; charset=utf-8',
  keepAlive: ': keep-alive\n\n',
  failure: envelope,
  failureEvent: failure => `data: ${envelope(failure)}\n\n`,
}

/** Of a request to this path, whoever refuses it. */
export function dialectOf(_path: string): Dialect {
  return openaiDialect
}
