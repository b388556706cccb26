import type { Exchange } from '../exchange.ts'
import type { Owner } from './response-database.ts'

/** Null: whoever shows no key in front of this Mac. What is stored for one is not found by another. */
export function ownerOf({ caller }: Exchange): Owner {
  if (caller.keyId !== null) return `key:${caller.keyId}`
  return caller.kind === 'jwt' ? `jwt:${caller.name}` : null
}
