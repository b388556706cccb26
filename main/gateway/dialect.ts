// How each interface says what is not an answer: failures, signs of life, the kind of its streams.
import type { IncomingHttpHeaders } from 'node:http'
import { anthropicDialect } from './anthropic/dialect.ts'
import { envelope, type Failure } from './errors.ts'
import { isOllamaPath, ollamaDialect } from './ollama/dialect.ts'

export interface Dialect {
  /** Of a stream. */
  readonly contentType: string
  /** What a stream says while nothing happens; empty: nothing can be said. */
  readonly keepAlive: string
  /** Beside `x-request-id`. */
  readonly requestIdHeader?: string
  /** The body of an answer that is a failure. */
  failure(failure: Failure, requestId: string): string
  /** The last event of a stream that fails. */
  failureEvent(failure: Failure, requestId: string): string
}

const openaiDialect: Dialect = {
  contentType: 'text/event-stream; charset=utf-8',
  keepAlive: ': keep-alive\n\n',
  failure: envelope,
  failureEvent: failure => `data: ${envelope(failure)}\n\n`,
}

/** Of a request to this path, whoever refuses it. */
export function dialectOf(path: string, headers: IncomingHttpHeaders): Dialect {
  if (path.startsWith('/v1/messages')) return anthropicDialect
  if (isOllamaPath(path)) return ollamaDialect
  // Two interfaces list their models there.
  const isOfModels = path === '/v1/models' || path.startsWith('/v1/models/')
  return isOfModels && headers['anthropic-version'] !== undefined ? anthropicDialect : openaiDialect
}
