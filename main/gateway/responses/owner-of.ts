import type { Exchange } from '../exchange.ts'
import type { Owner } from './response-database.ts'

/** Nobody has a name yet: what is stored is for everybody who may ask this Mac. */
export function ownerOf(_exchange: Exchange): Owner {
  return null
}
