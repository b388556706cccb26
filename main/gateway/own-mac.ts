import { appOrigin } from '../protocol/page.ts'
import { HttpError } from './errors.ts'
import type { Exchange } from './exchange.ts'

/**
 * What its owner alone decides is decided in front of this Mac, also where the door is open to the network; and by no page
 * of another site, also where such pages may use the endpoint. `what`: "Logs are only shown". Throws HttpError 403.
 */
export function refuseOthers({ req }: Exchange, what: string): void {
  const address = req.socket.remoteAddress?.replace(/^::ffff:/, '') ?? ''
  const { origin, host } = req.headers
  // Any other origin is foreign, also `null`, which a page gives itself by a frame or by coming out of a file.
  const isForeignPage = origin !== undefined && origin !== appOrigin && origin !== `http://${host}`
  if ((address === '::1' || address.startsWith('127.')) && !isForeignPage) return
  throw new HttpError(403, 'only_on_this_mac', `${what} on the Mac itself.`)
}
