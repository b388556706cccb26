// Requests to the hub, with the redirects that it answers with. It knows nothing of models.
import { type IncomingMessage, request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'
import type { LookupFunction } from 'node:net'
import { urlToHttpOptions } from 'node:url'
import { isHostInside, lookupOutside, refuseInside, WrongRedirect } from '../web/address-check.ts'

export interface HubAddress {
  /** `https://huggingface.co` */
  readonly endpoint: URL
  /** Goes to the endpoint only, not to where it redirects. */
  readonly token: string | null
  /** A connection that brings nothing for so long is given up. */
  readonly idleMs: number
}

const mostRedirects = 5

/** The answer whatever its status, its body unread. Rejects with the reason of the signal, as sockets do, and with WrongRedirect. */
export async function askHub(
  hub: HubAddress,
  path: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  let url = new URL(hub.endpoint.href.replace(/\/$/, '') + path)
  let insideAllowed: boolean | null = null
  for (let hops = 0; hops <= mostRedirects; hops++) {
    const isEndpoint = url.origin === hub.endpoint.origin
    if (!isEndpoint) {
      insideAllowed ??= await isHostInside(hub.endpoint.hostname)
      if (!insideAllowed) refuseInside(url.hostname)
    }
    const authorization = isEndpoint && hub.token ? { authorization: `Bearer ${hub.token}` } : {}
    const answer = await ask(url, {
      headers: { 'user-agent': 'mlx-mesh', 'accept-encoding': 'identity', ...headers, ...authorization },
      idleMs: hub.idleMs,
      signal,
      lookup: isEndpoint || insideAllowed ? undefined : lookupOutside,
    })
    const { location } = answer.headers
    if (!isRedirect(answer.statusCode) || location === undefined) return answer
    answer.destroy()
    url = next(url, location)
  }
  throw new WrongRedirect('it leads from one address to the next without an end.')
}

interface Asking {
  readonly headers: Readonly<Record<string, string>>
  readonly idleMs: number
  readonly signal: AbortSignal
  readonly lookup: LookupFunction | undefined
}

function ask(url: URL, { headers, idleMs, signal, lookup }: Asking): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const request = url.protocol === 'https:' ? requestSecure : requestPlain
    const where = { ...urlToHttpOptions(url), ...(lookup ? { lookup } : {}) }
    const asking = request({ ...where, headers, signal, timeout: idleMs }, resolve)
    asking.on('timeout', () => asking.destroy(new Error(`nothing came for ${Math.round(idleMs / 1000)} s`)))
    asking.on('error', error => reject(signal.aborted ? signal.reason : error))
    asking.end()
  })
}

function isRedirect(status: number | undefined): boolean {
  return status !== undefined && [301, 302, 303, 307, 308].includes(status)
}

function next(from: URL, location: string): URL {
  const url = URL.canParse(location, from.href) ? new URL(location, from) : null
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && from.protocol === 'http:')) return url
  throw new WrongRedirect('it leads to an address that is not fetched from.')
}
