// Answers that come before the request's body has been read. Closing a connection with unread bytes in it resets it, and
// the client may never see the answer: so what still comes is read and thrown away, within bounds.
import type { IncomingMessage, ServerResponse } from 'node:http'

const smallBodyBytes = 64 << 10
const maxThrownAwayBytes = 256 << 20
const maxReadingMs = 10_000

/** Node reads away what is left of a small body by itself. */
export function hasUnreadBody(req: IncomingMessage): boolean {
  if (req.complete) return false
  const { 'content-length': length, 'transfer-encoding': encoding } = req.headers
  return encoding !== undefined || Number(length ?? 0) > smallBodyBytes
}

/** `res` has its headers, with `content-length`: the client has the whole answer before it has sent everything. */
export function endAfterReading(req: IncomingMessage, res: ServerResponse, body: string | Buffer): void {
  let thrownAway = 0
  const end = () => {
    clearTimeout(timer)
    req.off('data', count)
    if (!res.destroyed) res.end()
  }
  const count = (chunk: Buffer) => {
    thrownAway += chunk.length
    if (thrownAway > maxThrownAwayBytes) end()
  }
  const timer = setTimeout(end, maxReadingMs)
  res.write(body)
  req.on('data', count).once('end', end).once('close', end).resume()
}
