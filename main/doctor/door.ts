// Who can reach the endpoint of this Mac.
import { z } from 'zod'
import { apiKey } from '../client/peer-answers.ts'
import { findPeer } from '../client/peer-client.ts'
import { isLoopback } from '../config/addresses.ts'
import { loadConfig } from '../config/load-config.ts'
import type { Finding, Patient } from './finding.ts'
import { guard } from './peer.ts'

const listed = z.looseObject({ keys: z.array(apiKey) })

export function checkDoor(patient: Patient): Promise<Finding> {
  return guard(async () => {
    const { bind_address: address, tls, api } = loadConfig(patient.layers).config.controller
    if (isLoopback(address)) return { status: 'ok', message: 'only programs on this Mac reach the endpoint' }
    if (!tls.enabled) {
      return {
        status: 'warn',
        message: `other machines reach the endpoint at ${address} without TLS`,
        advice:
          'Remove controller.tls.enabled from cluster.yaml, unless a proxy of yours speaks TLS with them.',
      }
    }
    const { keys } = await findPeer(patient, patient.url).get('/api/keys', listed)
    const valid = keys.filter(({ isExpired }) => !isExpired).length
    const hasTokens = [api.jwt.secret, api.jwt.jwks_url, api.jwt.jwks_file].some(source => source !== null)
    if (valid > 0 || hasTokens) {
      const message = `other machines reach the endpoint at ${address} over TLS, with one of ${valid} API keys`
      return { status: 'ok', message: hasTokens ? `${message} or a token` : message }
    }
    return {
      status: 'warn',
      message: `other machines reach the endpoint at ${address}, and none has an API key`,
      advice:
        'Make one with "mlx-mesh keys create NAME", or remove controller.bind_address from cluster.yaml.',
    }
  })
}
