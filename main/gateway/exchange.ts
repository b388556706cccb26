// One HTTP request and its answer: the request's id, the headers that every answer carries, and when the client left.
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Caller, nobody } from '../access/caller.ts'
import { MeshError } from '../protocol/errors.ts'
import { type Dialect, dialectOf } from './dialect.ts'
import type { Failure } from './errors.ts'
import type { WatchEnd } from './unread-answer.ts'
import { endAfterReading, hasUnreadBody } from './unread-body.ts'

const saneRequestId = /^[\w-]{1,128}$/

export class Exchange {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly requestId: string
  readonly arrivedMs = performance.now()
  /** Without the query. */
  readonly path: string
  /** What the route's pattern left open, decoded. */
  params: readonly string[] = []
  readonly dialect: Dialect
  /** Headers of the answer that the guard found necessary: `name, value …` */
  corsHeaders: readonly string[] = []
  /** As the entrance found. */
  caller: Caller = nobody
  /** Headers that tell a caller what is left of its budget: `name, value …` */
  budgetHeaders: readonly string[] = []
  /** The model, key or settings that an order is about, for the audit log. */
  about: string | null = null
  /** The Macs that took the request. */
  workerId: string | null = null
  /** Of its span, where requests are traced. */
  traceparent: string | undefined
  /** What its body has taken of the bytes that all large bodies may have. */
  largeBodyBytes = 0
  readonly #abort = new AbortController()
  readonly #watchEnd: WatchEnd

  constructor(req: IncomingMessage, res: ServerResponse, watchEnd: WatchEnd) {
    this.req = req
    this.res = res
    this.#watchEnd = watchEnd
    const wanted = req.headers['x-request-id']
    this.requestId = typeof wanted === 'string' && saneRequestId.test(wanted) ? wanted : `req_${randomUUID()}`
    const url = req.url ?? '/'
    const queryAt = url.indexOf('?')
    this.path = queryAt < 0 ? url : url.slice(0, queryAt)
    this.dialect = dialectOf(this.path, req.headers)
    res.on('error', () => {}) // 'close' follows; without a listener it would end the process
    res.once('close', () => {
      if (!res.writableFinished) this.abort(new MeshError('CANCELLED', 'The client went away.'))
    })
  }

  /** Aborts when the client is gone, or when the answer has become pointless. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  get query(): URLSearchParams {
    return new URLSearchParams((this.req.url ?? '').slice(this.path.length))
  }

  abort(reason: MeshError): void {
    if (!this.#abort.signal.aborted) this.#abort.abort(reason)
  }

  json(status: number, value: unknown): void {
    this.send(status, 'application/json', JSON.stringify(value))
  }

  fail(failure: Failure, more: readonly string[] = []): void {
    const { retryAfterMs } = failure
    const retry = retryAfterMs === null ? [] : ['retry-after', String(Math.ceil(retryAfterMs / 1000))]
    this.send(failure.status, 'application/json', this.dialect.failure(failure, this.requestId), [
      ...retry,
      ...more,
    ])
  }

  send(status: number, contentType: string, body: string | Buffer, more: readonly string[] = []): void {
    const { res, req } = this
    if (res.headersSent || res.destroyed) return
    const length = String(Buffer.byteLength(body))
    const headers = this.#headers(contentType, more)
    headers.push('content-length', length)
    if (!hasUnreadBody(req)) res.writeHead(status, headers).end(body)
    else endAfterReading(req, res.writeHead(status, [...headers, 'connection', 'close']), body)
    this.#watchEnd(res)
  }

  /** Headers of an event stream; its bytes are the caller's. */
  openStream(): void {
    this.res.writeHead(200, this.#headers(this.dialect.contentType, ['x-accel-buffering', 'no']))
  }

  /** Nothing follows in an event stream. */
  endStream(): void {
    const { res } = this
    if (res.destroyed) return
    res.end()
    this.#watchEnd(res)
  }

  #headers(contentType: string, more: readonly string[]): string[] {
    const processingMs = String(Math.round(performance.now() - this.arrivedMs))
    const headers = ['content-type', contentType, 'x-request-id', this.requestId, 'cache-control', 'no-store']
    headers.push('openai-processing-ms', processingMs)
    const { requestIdHeader } = this.dialect
    if (requestIdHeader !== undefined) headers.push(requestIdHeader, this.requestId)
    if (this.workerId !== null) headers.push('x-mlx-mesh-worker', this.workerId)
    if (this.corsHeaders.length > 0) headers.push(...this.corsHeaders)
    if (this.budgetHeaders.length > 0) headers.push(...this.budgetHeaders)
    if (more.length > 0) headers.push(...more)
    return headers
  }
}
