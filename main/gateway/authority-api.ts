import type { DoorCertificate } from '../access/door-certificate.ts'
import { HttpError } from './errors.ts'
import type { Routes } from './router.ts'

/** What other machines have to trust to speak TLS with this Mac. It is no secret, and for everybody. */
export function authorityRoutes(certificate: DoorCertificate | null): Routes {
  return {
    'GET /api/mesh/ca.pem': exchange => {
      const authority = certificate?.authority() ?? null
      if (authority !== null) return exchange.send(200, 'application/x-pem-file', authority)
      const message =
        'This Mac signs no certificate: its owner brought one, or other machines cannot reach it.'
      throw new HttpError(404, 'no_authority', message)
    },
  }
}
