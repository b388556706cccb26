// Tokens of somebody else's login (JWT), where the configuration says whose. Which algorithms are believed follows from the kind
// of key alone, never from the token: neither `none`, nor a public key taken for a secret, gets anybody in.
import { readFileSync } from 'node:fs'
import type { JSONWebKeySet, JWTPayload, JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import type { Clock } from '../protocol/clock.ts'
import type { Log } from '../telemetry/log.ts'
import { type Scope, scopes } from './caller.ts'

export interface JwtSettings {
  readonly secret: string | null
  readonly jwks_url: string | null
  readonly jwks_file: string | null
  readonly issuer: string | null
  readonly audience: string | null
  readonly scope_claim: string
  readonly models_claim: string | null
}

export type JwtVerdict =
  | {
      readonly outcome: 'known'
      readonly subject: string
      readonly scopes: readonly Scope[]
      readonly models: readonly string[] | null
      readonly expiresAtMs: number
    }
  /** `reason` is for whoever showed the token. */
  | { readonly outcome: 'refused'; readonly reason: string }
  /** The keys could not be had; the log says why. */
  | { readonly outcome: 'unavailable' }

export type VerifyJwt = (token: string) => Promise<JwtVerdict>

const toleranceSeconds = 5
const jwksAnswerMs = 3000
const jwksPauseMs = 30_000
const jwksKeptMs = 600_000
/** However many tokens come: whoever publishes the keys is not asked for each of them while he is in trouble. */
const askAgainMs = 2000
const signatures = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']

/** Three parts, the first of which is JSON: nobody's made-up key looks like it. */
export function isMeantAsJwt(text: string): boolean {
  return /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/.test(text)
}

/** Null where the configuration names no keys. Throws an Error for the user when the file with the keys cannot be used. */
export function createJwtCheck(
  settings: JwtSettings,
  clock: Clock,
  log: Pick<Log, 'warn'>,
): VerifyJwt | null {
  const source = keySource(settings)
  if (source === null) return null
  const { issuer, audience } = settings
  let failedAtMs: number | null = null
  return async token => {
    if (failedAtMs !== null && Math.abs(clock.now() - failedAtMs) < askAgainMs)
      return { outcome: 'unavailable' }
    // Loaded for the first token: a start does without it.
    const jose = await import('jose')
    try {
      const { payload } = await jose.jwtVerify(token, await source.key(jose), {
        algorithms: source.algorithms,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: toleranceSeconds,
        currentDate: new Date(clock.now()),
        ...(issuer === null ? {} : { issuer }),
        ...(audience === null ? {} : { audience }),
      })
      return known(payload, settings)
    } catch (error) {
      const verdict = refusalOf(error, jose.errors)
      if (verdict.outcome === 'unavailable') {
        failedAtMs = clock.now()
        log.warn('tokens cannot be checked: the keys of controller.api.jwt cannot be had', {
          error: error instanceof Error ? error.message : String(error),
        })
      }
      return verdict
    }
  }
}

type Jose = typeof import('jose')

interface KeySource {
  readonly algorithms: string[]
  key(jose: Jose): Promise<JWTVerifyGetKey>
}

function keySource({ secret, jwks_url: url, jwks_file: file }: JwtSettings): KeySource | null {
  if (secret !== null) {
    const key = new TextEncoder().encode(secret)
    return { algorithms: ['HS256'], key: async () => async () => key }
  }
  if (file !== null) {
    const keys = readKeySet(file)
    let local: JWTVerifyGetKey | null = null
    return {
      algorithms: signatures,
      key: async jose => {
        local ??= jose.createLocalJWKSet(keys)
        return local
      },
    }
  }
  if (url === null) return null
  let remote: JWTVerifyGetKey | null = null
  return {
    algorithms: signatures,
    key: async jose => {
      remote ??= jose.createRemoteJWKSet(new URL(url), {
        timeoutDuration: jwksAnswerMs,
        cooldownDuration: jwksPauseMs,
        cacheMaxAge: jwksKeptMs,
      })
      return remote
    },
  }
}

const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) })

/** Throws an Error for the user, which quotes nothing of the file. */
function readKeySet(file: string): JSONWebKeySet {
  const text = readFileSync(file, 'utf8')
  try {
    return keySet.parse(JSON.parse(text))
  } catch {
    throw new Error(
      `${file} cannot be read as keys for tokens (controller.api.jwt.jwks_file): expected a JSON Web Key Set, {"keys": […]}.`,
    )
  }
}

/** Budgets, stored responses and the audit log go by it. */
const longestSubject = 256

function known(payload: JWTPayload, { scope_claim, models_claim }: JwtSettings): JwtVerdict {
  const { sub, exp = 0 } = payload
  if (typeof sub !== 'string' || sub === '' || sub.length > longestSubject)
    return {
      outcome: 'refused',
      reason: "The claim 'sub' of the token is no name of at most 256 characters.",
    }
  const said = words(payload[scope_claim])
  const models = models_claim === null ? undefined : payload[models_claim]
  return {
    outcome: 'known',
    subject: sub,
    scopes: scopes.filter(scope => said.includes(scope)),
    models: models === undefined ? null : words(models),
    expiresAtMs: exp * 1000,
  }
}

/** `"read inference"` or `["read", "inference"]`. */
function words(claim: unknown): string[] {
  if (typeof claim === 'string') return claim.split(/\s+/).filter(word => word !== '')
  return Array.isArray(claim) ? claim.filter(word => typeof word === 'string') : []
}

function refusalOf(
  error: unknown,
  { JWTExpired, JWTClaimValidationFailed, ...errors }: Jose['errors'],
): JwtVerdict {
  const refused = (reason: string): JwtVerdict => ({ outcome: 'refused', reason })
  if (error instanceof JWTExpired) return refused('The token has expired: get a new one.')
  if (error instanceof JWTClaimValidationFailed)
    return refused(`The claim '${error.claim}' of the token is missing, or not what this Mac expects.`)
  if (error instanceof errors.JOSEAlgNotAllowed)
    return refused('The token is signed in a way that this Mac does not accept.')
  const bad = [
    errors.JWSInvalid,
    errors.JWTInvalid,
    errors.JOSENotSupported,
    errors.JWSSignatureVerificationFailed,
  ]
  if (bad.some(kind => error instanceof kind)) return refused('The token is not valid.')
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return refused('The token is signed with a key that this Mac does not know.')
  return { outcome: 'unavailable' }
}
