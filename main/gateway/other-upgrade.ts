// Requests that offer another protocol than WebSocket, as some clients offer HTTP/2 with each first request: HTTP lets a
// server pass such an offer over, but Node hands every one to whoever listens for WebSockets.
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'

const offers = new Set(['upgrade', 'http2-settings'])

/** Puts the request back in front of its connection without the offer; the door reads it again, and what follows. */
export function passOverOffer(server: Server, req: IncomingMessage, socket: Duplex, head: Buffer): void {
  const lines = [`${req.method} ${req.url} HTTP/${req.httpVersion}`]
  for (let at = 0; at + 1 < req.rawHeaders.length; at += 2) {
    const [name = '', value = ''] = req.rawHeaders.slice(at, at + 2)
    if (offers.has(name.toLowerCase())) continue
    lines.push(`${name}: ${name.toLowerCase() === 'connection' ? withoutOffers(value) : value}`)
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]))
  // A connection that has its TLS already must not begin it once more.
  server.emit(socket instanceof TLSSocket ? 'secureConnection' : 'connection', socket)
}

function withoutOffers(connection: string): string {
  const options = connection.split(',').map(option => option.trim())
  return options.filter(option => !offers.has(option.toLowerCase())).join(', ') || 'keep-alive'
}
