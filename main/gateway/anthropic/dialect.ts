import type { Dialect } from '../dialect.ts'
import type { Failure } from '../errors.ts'

/** How Anthropic's interface says what is not an answer. */
export const anthropicDialect: Dialect = {
  contentType: 'text/event-stream; charset=utf-8',
  keepAlive: makeEvent({ type: 'ping' }),
  requestIdHeader: 'request-id',
  failure: (failure, requestId) => JSON.stringify(errorOf(failure, requestId)),
  failureEvent: (failure, requestId) => makeEvent(errorOf(failure, requestId)),
}

/** A server-sent event, which is named for its type. */
export function makeEvent<Event extends { readonly type: string }>(value: Event): string {
  return `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`
}

function errorOf({ status, message }: Failure, requestId: string) {
  return { type: 'error', error: { type: typeOf(status), message }, request_id: requestId }
}

const types = new Map([
  [401, 'authentication_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [503, 'overloaded_error'],
])

function typeOf(status: number): string {
  return types.get(status) ?? (status < 500 ? 'invalid_request_error' : 'api_error')
}
