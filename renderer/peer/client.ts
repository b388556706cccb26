// Asks the peer over HTTP. Answers are parsed here; what is refused is thrown with the peer's own words.
import { z } from 'zod'
import { appTokenHeader } from '../../main/protocol/page.ts'
import { peerAddress } from './address.ts'
import { apiKey, wantKey } from './api-key.ts'

const answerMs = 20_000

const refusal = z.object({ error: z.object({ message: z.string(), code: z.string().nullish() }) })

export class PeerError extends Error {
  override readonly name = 'PeerError'
  readonly status: number
  readonly code: string | null
  /** The whole answer, for those that carry more than a message. */
  readonly body: unknown

  constructor(message: string, status: number, code: string | null, body: unknown) {
    super(message)
    this.status = status
    this.code = code
    this.body = body
  }
}

export interface Question {
  readonly method?: 'GET' | 'POST' | 'PATCH'
  readonly body?: unknown
}

/** Rejects with PeerError; `status` is 0 when the Mac does not answer. */
export async function ask<T>(
  path: string,
  schema: z.ZodType<T>,
  question: Question & { readonly timeoutMs?: number } = {},
): Promise<T> {
  const response = await send(path, {
    ...question,
    signal: AbortSignal.timeout(question.timeoutMs ?? answerMs),
  })
  const body: unknown = await response.json().catch(() => null)
  if (!response.ok) throw refused(response.status, body)
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  throw new PeerError(
    'This Mac gave an answer that the page does not understand. Reload the page.',
    0,
    null,
    body,
  )
}

/** The raw answer, for streams and downloads; what is refused is thrown as by `ask`. */
export async function open(path: string, question: Sent = {}): Promise<Response> {
  const response = await send(path, question)
  if (!response.ok) throw refused(response.status, await response.json().catch(() => null))
  return response
}

interface Sent extends Question {
  readonly signal?: AbortSignal
  readonly headers?: Readonly<Record<string, string>>
}

async function send(path: string, { method = 'GET', body, signal, headers: more }: Sent): Promise<Response> {
  const { url, token } = peerAddress()
  const headers: Record<string, string> = { ...more }
  const key = apiKey()
  if (key !== null) headers['authorization'] = `Bearer ${key}`
  if (token) headers[appTokenHeader] = token
  if (body !== undefined) headers['content-type'] = 'application/json'
  try {
    const response = await fetch(`${url}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    })
    if (response.status === 401) wantKey()
    return response
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new PeerError('MLX Mesh does not answer on this Mac.', 0, null, null)
  }
}

function refused(status: number, body: unknown): PeerError {
  const known = refusal.safeParse(body)
  if (known.success)
    return new PeerError(known.data.error.message, status, known.data.error.code ?? null, body)
  return new PeerError(`MLX Mesh answered ${status}.`, status, null, body)
}
