import { HttpError } from './errors.ts'
import type { Exchange } from './exchange.ts'

export type Handler = (exchange: Exchange) => void | Promise<void>

/** `GET /path`; `{name}` stands for one segment, `{name...}` for the rest of the path. */
export type Routes = Readonly<Record<string, Handler>>

interface Place {
  readonly pattern: RegExp
  readonly handlers: Map<string, Handler>
}

/** Finds the handler of a request and fills its `params`. Throws HttpError 404 or 405. */
export function createRouter(routes: Routes): (exchange: Exchange) => Handler {
  const exact = new Map<string, Map<string, Handler>>()
  const open = new Map<string, Place>()
  for (const [route, handler] of Object.entries(routes)) {
    const [method = '', path = ''] = route.split(' ')
    const handlers = path.includes('{') ? placeOf(path).handlers : (exact.get(path) ?? new Map())
    handlers.set(method, handler)
    if (!path.includes('{')) exact.set(path, handlers)
  }

  return exchange => {
    const handlers = exact.get(exchange.path) ?? findOpen(exchange)
    if (!handlers) throw unknownPath(exchange)
    const method = exchange.req.method ?? 'GET'
    const handler = handlers.get(method === 'HEAD' ? 'GET' : method)
    if (!handler) throw wrongMethod(exchange, [...handlers.keys()])
    return handler
  }

  function findOpen(exchange: Exchange): Map<string, Handler> | null {
    for (const { pattern, handlers } of open.values()) {
      const match = pattern.exec(exchange.path)
      if (!match) continue
      exchange.params = match.slice(1).map(part => decode(part))
      return handlers
    }
    return null
  }

  function placeOf(path: string): Place {
    const known = open.get(path)
    if (known) return known
    const source = path.replace(/\{\w+\.\.\.\}/g, '(.+)').replace(/\{\w+\}/g, '([^/]+)')
    const place = { pattern: new RegExp(`^${source}$`), handlers: new Map<string, Handler>() }
    open.set(path, place)
    return place
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new HttpError(
      400,
      'invalid_url',
      `The path contains '${part}', which is not valid percent-encoding.`,
    )
  }
}

function unknownPath({ req, path }: Exchange): HttpError {
  return new HttpError(404, 'unknown_url', `Unknown request URL: ${req.method} ${path}.`)
}

function wrongMethod({ req, path }: Exchange, allowed: readonly string[]): HttpError {
  const message = `${req.method} is not possible on ${path}: use ${allowed.join(' or ')}.`
  return new HttpError(405, 'method_not_allowed', message, { headers: ['allow', allowed.join(', ')] })
}
