// Keeps web pages out: a page of another site may reach this port through its visitor's browser, by a name that it
// resolves to 127.0.0.1 (DNS rebinding: `Host` gives it away) or by a plain request (`Origin`, `Sec-Fetch-Site` do). The
// page in the app's window is of another origin, too: it shows a token.
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { isIP, isIPv4 } from 'node:net'
import { TLSSocket } from 'node:tls'
import { appOrigin, appTokenHeader, appTokenProtocol } from '../protocol/page.ts'
import { budgetHeaderNames } from './budget-headers.ts'
import { HttpError } from './errors.ts'
import type { Exchange } from './exchange.ts'
import type { Cors } from './ports.ts'

export interface GuardOptions {
  readonly bindAddress: string
  readonly allowedHosts: readonly string[]
  /** What other machines call this Mac; accepted as well, but no sign that somebody is on this Mac. */
  readonly ownHosts?: readonly string[]
  readonly cors: Cors
  /** What the page in the app's window has to show; without one it is a stranger's page. */
  readonly appToken?: string
}

export interface Guard {
  /** Whether this Mac's token is shown, as its own programs do. */
  showsToken(req: IncomingMessage): boolean
  /**
   * Whether it came by a name that the network gives this Mac. Whoever answers for such names can point one at loopback after
   * a browser has got a page of his there: its requests are of no program that its owner runs.
   */
  isByNetworkName(req: IncomingMessage): boolean
  /** True when the request has been answered (a preflight). Throws HttpError 403. */
  admit(exchange: Exchange): boolean
  /**
   * For a request that wants to become a WebSocket, which no preflight asks for. Throws HttpError 403. Returns the
   * subprotocol that the answer has to name, where the page of the app's window showed its token in one; else null.
   */
  admitUpgrade(req: IncomingMessage): string | null
}

const maxKnownHosts = 256

export function createGuard(options: GuardOptions): Guard {
  const { bindAddress, allowedHosts, ownHosts = [], cors, appToken } = options
  const names = new Set([bindAddress, ...allowedHosts].map(name => name.toLowerCase()))
  const networkNames = new Set(ownHosts.map(name => name.toLowerCase()).filter(name => !names.has(name)))
  const bindsEverything = bindAddress === '0.0.0.0' || bindAddress === '::'
  const origins = new Set(cors.enabled ? cors.origins : [])
  const knownHosts = new Set<string>()

  return {
    showsToken({ headers }) {
      const shown = headers[appTokenHeader] ?? ownProtocol(headers)?.slice(appTokenProtocol.length)
      return shown !== undefined && isToken(String(shown))
    },

    isByNetworkName: ({ headers }) => {
      const name = withoutPort(headers.host ?? '')
      return networkNames.has(name) && !isLoopback(name)
    },

    admit(exchange) {
      const { req, res } = exchange
      const { origin } = req.headers
      const shown = req.headers[appTokenHeader]
      const preflight = req.method === 'OPTIONS'
      // A preflight carries no token: it asks whether it may be sent, and its answer says nothing of the mesh.
      if (origin !== appOrigin || !preflight) check(req, typeof shown === 'string' ? shown : undefined)
      else if (!isKnownHost(req.headers.host)) throw foreignHost(req.headers.host)
      if (origin !== undefined) exchange.corsHeaders = corsHeaders(origin)
      if (!preflight) return false
      res.writeHead(204, [
        ...exchange.corsHeaders,
        ...preflightHeaders(req),
        'x-request-id',
        exchange.requestId,
      ])
      res.end()
      return true
    },

    admitUpgrade(req) {
      const own = ownProtocol(req.headers)
      check(req, own?.slice(appTokenProtocol.length))
      return own ?? null
    },
  }

  function check(req: IncomingMessage, shown: string | undefined): void {
    const { host, origin } = req.headers
    if (host === undefined || !isKnownHost(host)) throw foreignHost(host)
    if (origin === undefined) {
      if (comesFromAnotherSite(req)) throw foreignOrigin('another site')
    } else if (origin === appOrigin) {
      if (!isToken(shown)) throw foreignApp()
    } else if (!isAllowedOrigin(origin, req)) throw foreignOrigin(origin)
  }

  function isToken(shown: string | undefined): boolean {
    if (appToken === undefined || shown === undefined) return false
    // Of digests, so that neither the time nor an error tells a length.
    return timingSafeEqual(digest(shown), digest(appToken))
  }

  function isKnownHost(host: string | undefined): boolean {
    if (host === undefined) return false
    if (knownHosts.has(host)) return true
    const name = withoutPort(host)
    // An address is no danger: rebinding needs a name that its owner can point elsewhere.
    const known =
      isLoopback(name) || names.has(name) || networkNames.has(name) || (bindsEverything && isIP(name) > 0)
    if (known && knownHosts.size < maxKnownHosts) knownHosts.add(host)
    return known
  }

  function isAllowedOrigin(origin: string, req: IncomingMessage): boolean {
    return origin === ownOrigin(req) || origins.has(origin) || origins.has('*')
  }
}

/** Of pages that come from this door itself. */
export function ownOrigin({ headers, socket }: IncomingMessage): string {
  return `${socket instanceof TLSSocket ? 'https' : 'http'}://${headers.host}`
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function isLoopback(name: string): boolean {
  if (name === 'localhost' || name === '::1' || name.endsWith('.localhost')) return true
  return isIPv4(name) && name.startsWith('127.')
}

function withoutPort(host: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(host)
  const name = bracketed ? bracketed[1] : host.replace(/:\d+$/, '')
  return (name ?? '').toLowerCase().replace(/\.$/, '')
}

function ownProtocol(headers: IncomingHttpHeaders): string | undefined {
  const offered = headers['sec-websocket-protocol']?.split(',').map(name => name.trim())
  return offered?.find(name => name.startsWith(appTokenProtocol))
}

/** A link that somebody follows to the status page comes from elsewhere, too, and does no harm. */
function comesFromAnotherSite({ headers, method }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site']
  if (site !== 'cross-site' && site !== 'same-site') return false
  return !(method === 'GET' && headers['sec-fetch-mode'] === 'navigate')
}

function corsHeaders(origin: string): readonly string[] {
  const own = 'x-request-id, request-id, x-mlx-mesh-worker, openai-processing-ms, retry-after'
  const exposed = `${own}, ${budgetHeaderNames.join(', ')}`
  return ['access-control-allow-origin', origin, 'vary', 'Origin', 'access-control-expose-headers', exposed]
}

function preflightHeaders({ headers, url = '/' }: IncomingMessage): readonly string[] {
  // A page may delete the responses that it has asked for, and nothing else.
  const methods = url.startsWith('/v1/') ? 'GET, POST, PATCH, DELETE' : 'GET, POST, PATCH'
  const allowed = ['access-control-allow-methods', methods, 'access-control-max-age', '600']
  const wanted = headers['access-control-request-headers']
  if (wanted !== undefined) allowed.push('access-control-allow-headers', wanted)
  if (headers['access-control-request-private-network'] === 'true')
    allowed.push('access-control-allow-private-network', 'true')
  return allowed
}

function foreignHost(host: string | undefined): HttpError {
  const named = host === undefined ? 'no Host header' : `the host name '${host}'`
  return new HttpError(
    403,
    'host_not_allowed',
    `The request came with ${named}, which this door does not answer to. Use http://127.0.0.1, or add the name to controller.api.allowed_hosts.`,
  )
}

function foreignOrigin(origin: string): HttpError {
  return new HttpError(
    403,
    'origin_not_allowed',
    `Web pages of ${origin} may not use this endpoint. Allow them with controller.api.cors_enabled and controller.api.cors_origins.`,
  )
}

function foreignApp(): HttpError {
  return new HttpError(
    403,
    'origin_not_allowed',
    "A page that calls itself the app's did not show this Mac's token. Close the app's window and open it again.",
  )
}
