import type { IncomingHttpHeaders } from 'node:http'
import { keyProtocol } from '../protocol/page.ts'

/** The key or token of a request, in any of the ways in which clients send one; null: none. */
export function credentialIn(headers: IncomingHttpHeaders): string | null {
  const { authorization } = headers
  if (authorization !== undefined) {
    const bearer = /^bearer +(\S+) *$/i.exec(authorization)?.[1]
    if (bearer !== undefined) return bearer
  }
  const named = headers['x-api-key'] ?? headers['api-key']
  if (typeof named === 'string' && named !== '') return named
  const protocols = headers['sec-websocket-protocol']
  return protocols === undefined ? null : inProtocols(protocols)
}

/** A page cannot give a WebSocket headers. */
function inProtocols(offered: string): string | null {
  const own = offered.split(',').find(name => name.trim().startsWith(keyProtocol))
  return own === undefined ? null : own.trim().slice(keyProtocol.length)
}

/** What proxies add. A proxy that adds nothing cannot be told from a program of this Mac. */
const passedOn = [
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'forwarded',
  'via',
  'cf-connecting-ip',
]

/** Somebody in between says for whom he asks: nothing that is believed, but whoever asks is not on this Mac. */
export function isForwarded(headers: IncomingHttpHeaders): boolean {
  return passedOn.some(name => headers[name] !== undefined)
}
