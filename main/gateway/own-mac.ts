import { appOrigin } from '../protocol/page.ts'
import { HttpError } from './errors.ts'
import type { Exchange } from './exchange.ts'
import { ownOrigin } from './guard.ts'

/**
 * What its owner alone decides is decided in front of this Mac, or with a key that its owner made for that; and by no page of
 * another site, also where such pages may use the endpoint. `what`: "Logs are only shown". Throws HttpError 403.
 */
export function refuseOthers(exchange: Exchange, what: string): void {
  const { kind, scopes } = exchange.caller
  if ((kind === 'owner' || scopes.has('admin')) && !isForeignPage(exchange)) return
  throw onlyHere(what)
}

/** As above, and for no key at all: with one, nobody makes himself another one. Throws HttpError 403. */
export function refuseKeysToo(exchange: Exchange, what: string): void {
  if (exchange.caller.kind !== 'owner' || isForeignPage(exchange)) throw onlyHere(what)
}

/** Any other origin is foreign, also `null`, which a page gives itself by a frame or by coming out of a file. */
function isForeignPage({ req }: Exchange): boolean {
  const { origin } = req.headers
  return origin !== undefined && origin !== appOrigin && origin !== ownOrigin(req)
}

function onlyHere(what: string): HttpError {
  return new HttpError(403, 'only_on_this_mac', `${what} on the Mac itself.`, { type: 'permission_error' })
}
