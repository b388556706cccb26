// The closed set of reasons for which a request can fail. The gateway turns them into HTTP in one place.

export const errorCodes = [
  'INVALID_REQUEST',
  'CONTEXT_LENGTH_EXCEEDED',
  'REQUEST_TOO_LARGE',
  'MODEL_NOT_FOUND',
  'MODEL_NOT_LOADED',
  'MODEL_LOAD_FAILED',
  'INSUFFICIENT_MEMORY',
  'OVERLOADED',
  'NO_WORKER',
  'WORKER_LOST',
  'ENGINE_FAILED',
  'SLOW_CONSUMER',
  'SHUTTING_DOWN',
  'PAIRING_FAILED',
  'CANCELLED',
  'INTERNAL',
] as const

export type ErrorCode = (typeof errorCodes)[number]

/** An expected failure with a message for the person who made the request. */
export class MeshError extends Error {
  readonly code: ErrorCode
  /** The parameter of the request that is at fault, as the user spelled it. */
  readonly param: string | null
  /** When trying again makes sense, in milliseconds from now. */
  readonly retryAfterMs: number | null

  constructor(
    code: ErrorCode,
    message: string,
    details: { param?: string | null; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause })
    this.name = 'MeshError'
    this.code = code
    this.param = details.param ?? null
    this.retryAfterMs = details.retryAfterMs ?? null
  }
}

/** Anything thrown, as a MeshError: bugs become INTERNAL and keep their cause. */
export function asMeshError(thrown: unknown): MeshError {
  if (thrown instanceof MeshError) return thrown
  return new MeshError('INTERNAL', thrown instanceof Error ? thrown.message : String(thrown), {
    cause: thrown,
  })
}
