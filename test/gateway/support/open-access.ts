import { type Access, type AccessOptions, createAccess } from '../../../main/access/access.ts'
import { realClock } from '../../../main/protocol/clock.ts'

/** As a peer has it that nobody has configured, and without any key. */
export function openAccess(options: Partial<AccessOptions> = {}): Access {
  return createAccess({
    keys: { find: () => null, usage: { requested: () => {}, generated: () => {} } },
    verifyJwt: null,
    requireKey: false,
    allowedAddresses: [],
    rateLimit: { requestsPerMinute: 100, tokensPerMinute: null },
    clock: realClock,
    ...options,
  })
}
