import { HttpError } from './errors.ts'
import type { Exchange } from './exchange.ts'

/**
 * What its owner alone decides is decided in front of this Mac, also where the door is open to the network; and by no page
 * of another site, also where such pages may use the endpoint. Throws HttpError 403.
 */
export function refuseOthers({ req }: Exchange, what: string): void {
  const address = req.socket.remoteAddress?.replace(/^::ffff:/, '') ?? ''
  const { origin, host } = req.headers
  const isForeignPage = origin !== undefined && /^https?:/.test(origin) && origin !== `http://${host}`
  if ((address === '::1' || address.startsWith('127.')) && !isForeignPage) return
  throw new HttpError(403, 'only_on_this_mac', `${what} only changed and shown on the Mac itself.`)
}
