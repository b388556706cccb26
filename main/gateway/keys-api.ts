import { z } from 'zod'
import { scopes } from '../access/caller.ts'
import type { KeyRing } from '../access/key-ring.ts'
import type { Clock } from '../protocol/clock.ts'
import { readJson } from './body.ts'
import { HttpError, invalid } from './errors.ts'
import type { Exchange } from './exchange.ts'
import { refuseKeysToo } from './own-mac.ts'
import { checkParameters } from './parameters.ts'
import type { Handler, Routes } from './router.ts'

const maxBodyBytes = 64 << 10
const perMinute = z.int().min(1).max(1_000_000_000).nullable().default(null)
const newKey = z.strictObject({
  // It is printed in terminals.
  name: z
    .string()
    .trim()
    .min(1)
    .max(64)
    .regex(/^\P{Cc}*$/u, 'expected a name without control characters'),
  scopes: z.array(z.enum(scopes)).min(1).default(['inference']),
  models: z.array(z.string().min(1).max(256)).min(1).max(1000).nullable().default(null),
  requestsPerMinute: perMinute,
  tokensPerMinute: perMinute,
  expiresAtMs: z.number().nullable().default(null),
})

/** `/api/keys`: for the owner in front of this Mac. A key is told once, in the answer that makes it. */
export function keyRoutes(keys: KeyRing | null, clock: Clock): Routes {
  return {
    'GET /api/keys': route((ring, exchange) => exchange.json(200, { keys: ring.list() })),
    'POST /api/keys': route(async (ring, exchange) => {
      const wanted = checkParameters(newKey, {}, await readJson(exchange, maxBodyBytes))
      exchange.about = wanted.name
      if (wanted.expiresAtMs !== null && wanted.expiresAtMs <= clock.now())
        throw invalid('expiresAtMs', 'The key would have expired already.')
      const made = ring.create(wanted)
      if (!made) {
        const message = `There is a key called "${wanted.name}" already, or too many keys. Revoke one, or choose another name.`
        throw new HttpError(409, 'key_exists', message, { param: 'name' })
      }
      exchange.json(201, { key: made.key, ...made.known })
    }),
    'DELETE /api/keys/{key}': route((ring, exchange) => {
      const [key = ''] = exchange.params
      const revoked = ring.revoke(key)
      if (!revoked) throw new HttpError(404, 'key_not_found', `There is no API key '${key}' on this Mac.`)
      exchange.about = revoked.name
      exchange.json(200, { revoked })
    }),
  }

  function route(run: (ring: KeyRing, exchange: Exchange) => Promise<void> | void): Handler {
    return async exchange => {
      refuseKeysToo(exchange, 'API keys are only made, shown and revoked')
      if (!keys) throw new HttpError(409, 'no_keys', 'This Mac keeps no API keys.')
      await run(keys, exchange)
    }
  }
}
