import { type Audit, maxListed } from '../access/audit.ts'
import type { Clock } from '../protocol/clock.ts'
import type { Exchange } from './exchange.ts'
import { refuseOthers } from './own-mac.ts'
import { limitIn } from './query.ts'
import { isReading } from './route-scopes.ts'
import type { Routes } from './router.ts'

export function auditRoutes(audit: Audit | null): Routes {
  return {
    'GET /api/audit': exchange => {
      refuseOthers(exchange, 'The audit log is only shown')
      exchange.json(200, { entries: audit?.read(limitIn(exchange, 100, maxListed)) ?? [] })
    },
  }
}

const longestPath = 200

/** An order is written down when its answer has gone, or its client has. `address`: where it came from. */
export function createWitness(audit: Audit | null, clock: Clock) {
  return (exchange: Exchange, address: string): void => {
    const { req, res, path, requestId } = exchange
    const method = req.method ?? ''
    if (!audit || isReading(method)) return
    const timestamp = clock.now()
    res.once('close', () => {
      const { kind, name, keyId } = exchange.caller
      // Strangers would fill the file; they have given no order.
      if (kind === 'anonymous') return
      const status = res.headersSent ? res.statusCode : 499
      audit.write({
        timestamp,
        who: { kind, name, keyId, address },
        action: `${method} ${path.slice(0, longestPath)}`,
        about: exchange.about,
        outcome: status < 400 ? 'done' : status < 499 ? 'refused' : 'failed',
        status,
        requestId,
      })
    })
  }
}
