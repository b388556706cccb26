// What is not HTTP, or does not arrive in time, never becomes a request: it is answered on the bare socket.
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { envelope, HttpError } from './errors.ts'

export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  answerBare(socket, reasonOf(error))
}

/** Nothing but the failure, and the end. */
function answerBare(socket: Duplex, { failure }: HttpError): void {
  const body = envelope(failure)
  socket.end(
    `HTTP/1.1 ${failure.status} ${STATUS_CODES[failure.status]}\r\nconnection: close\r\n` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  )
}

const lastBytesMs = 1000

/** For a client that was told `http://` where this door wants TLS of it. */
export function refusePlainHttp(socket: Duplex): void {
  socket.on('error', () => socket.destroy())
  socket.resume() // what is left unread would take the answer away from it
  const end = setTimeout(() => socket.destroy(), lastBytesMs)
  socket.once('close', () => clearTimeout(end))
  const message = 'This Mac takes requests of other machines over TLS only: use https:// in place of http://.'
  answerBare(socket, new HttpError(400, 'https_required', message))
}

function reasonOf(error: NodeJS.ErrnoException): HttpError {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new HttpError(408, 'request_timeout', 'The request did not arrive completely in time.')
  if (error.code === 'HPE_HEADER_OVERFLOW')
    return new HttpError(431, 'headers_too_large', 'The headers of the request are too large.')
  return new HttpError(400, 'bad_http', `The request could not be read as HTTP: ${error.message}.`)
}
