// The one place where a failure becomes an HTTP status and OpenAI's error envelope.
import { asMeshError, type ErrorCode, type MeshError } from '../protocol/errors.ts'

export interface Failure {
  readonly status: number
  readonly type: string
  readonly code: string | null
  readonly param: string | null
  readonly message: string
  readonly retryAfterMs: number | null
}

/** A failure that only HTTP knows: a route, a body, an origin. */
export class HttpError extends Error {
  readonly failure: Failure
  /** `name, value, name, value …` */
  readonly headers: readonly string[]

  constructor(
    status: number,
    code: string,
    message: string,
    details: {
      param?: string
      headers?: readonly string[]
      /** `invalid_request_error` if nothing is said. */
      type?: string
      retryAfterMs?: number
    } = {},
  ) {
    super(message)
    this.name = 'HttpError'
    this.headers = details.headers ?? []
    const { param = null, type = request, retryAfterMs = null } = details
    this.failure = { status, type, code, param, message, retryAfterMs }
  }
}

export function invalid(param: string, message: string, code = 'invalid_value'): HttpError {
  return new HttpError(400, code, message, { param })
}

export function toFailure(thrown: unknown): Failure {
  if (thrown instanceof HttpError) return thrown.failure
  const error = asMeshError(thrown)
  const { status, type, code } = answers[error.code]
  const retries = status === 429 || status === 503
  return {
    status,
    type,
    code,
    param: error.param,
    message: messageOf(error),
    retryAfterMs: retries ? (error.retryAfterMs ?? defaultRetryMs) : null,
  }
}

export function envelope({ message, type, param, code }: Failure): string {
  return JSON.stringify({ error: { message, type, param, code } })
}

const defaultRetryMs = 1000

const request = 'invalid_request_error'
const server = 'server_error'

/** CANCELLED is seen by nobody but the history: its client is gone (499 is nginx's number for it). */
const answers: Readonly<Record<ErrorCode, { status: number; type: string; code: string }>> = {
  INVALID_REQUEST: { status: 400, type: request, code: 'invalid_value' },
  CONTEXT_LENGTH_EXCEEDED: { status: 400, type: request, code: 'context_length_exceeded' },
  REQUEST_TOO_LARGE: { status: 413, type: request, code: 'request_too_large' },
  MODEL_NOT_FOUND: { status: 404, type: request, code: 'model_not_found' },
  MODEL_NOT_LOADED: { status: 503, type: server, code: 'model_not_loaded' },
  MODEL_LOAD_FAILED: { status: 500, type: server, code: 'model_load_failed' },
  INSUFFICIENT_MEMORY: { status: 503, type: server, code: 'insufficient_memory' },
  OVERLOADED: { status: 429, type: 'rate_limit_error', code: 'overloaded' },
  NO_WORKER: { status: 503, type: server, code: 'no_worker' },
  WORKER_LOST: { status: 503, type: server, code: 'worker_lost' },
  ENGINE_FAILED: { status: 500, type: server, code: 'engine_failed' },
  SLOW_CONSUMER: { status: 500, type: server, code: 'slow_consumer' },
  SHUTTING_DOWN: { status: 503, type: server, code: 'shutting_down' },
  PAIRING_FAILED: { status: 409, type: request, code: 'pairing_failed' },
  CANCELLED: { status: 499, type: request, code: 'cancelled' },
  INTERNAL: { status: 500, type: server, code: 'internal_error' },
}

/** A bug's own words help nobody but its author: they stand in the log. */
function messageOf(error: MeshError): string {
  if (error.code !== 'INTERNAL') return error.message
  if (isDiskFull(error.cause)) return 'The disk of this Mac is full: make room and try again.'
  return 'Something went wrong inside MLX Mesh. The log says more under the x-request-id of this answer.'
}

function isDiskFull(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && (thrown.code === 'ENOSPC' || thrown.code === 'EDQUOT')
}
