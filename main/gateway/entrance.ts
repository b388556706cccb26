// Who may come in: finds out who asks, and whether he may, before anything of the request is read.
import type { IncomingMessage } from 'node:http'
import type { Access, Verdict } from '../access/access.ts'
import { plainAddress } from '../access/address.ts'
import { anonymousCaller, type CallerLimit, mayDo, mayUse, type Scope } from '../access/caller.ts'
import { budgetHeaders } from './budget-headers.ts'
import { credentialIn, isForwarded } from './credential.ts'
import { HttpError } from './errors.ts'
import type { Exchange } from './exchange.ts'
import type { Guard } from './guard.ts'

export interface Entrance {
  /** Throws HttpError 403 for an address that is shut out. */
  turnAway(req: IncomingMessage): void
  /**
   * Says who the caller is, and takes the request from its budget. Throws, or rejects with, HttpError 401, 403, 429 or 503.
   * `scope`: what the caller must be allowed; null: nothing.
   */
  admit(exchange: Exchange, scope: Scope | null): Promise<void> | undefined
  addressOf(req: IncomingMessage): string
}

export interface EntranceOptions {
  readonly access: Access
  readonly guard: Pick<Guard, 'showsToken' | 'isByNetworkName'>
  /** Of the socket. */
  readonly addressOf: (req: IncomingMessage) => string
}

export function remoteAddressOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? ''
}

export function createEntrance({ access, guard, ...options }: EntranceOptions): Entrance {
  const addressOf = (req: IncomingMessage) => plainAddress(options.addressOf(req))

  return { turnAway, admit, addressOf }

  function turnAway(req: IncomingMessage): void {
    if (!access.isAllowed(addressOf(req))) throw foreignAddress()
  }

  function admit(exchange: Exchange, scope: Scope | null): Promise<void> | undefined {
    const { req } = exchange
    const verdict = access.identify({
      address: addressOf(req),
      isFromAfar: isForwarded(req.headers) || guard.isByNetworkName(req),
      isOwnProgram: guard.showsToken(req),
      credential: credentialIn(req.headers),
    })
    if (verdict instanceof Promise) return verdict.then(settled => letIn(exchange, scope, settled))
    letIn(exchange, scope, verdict)
    return undefined
  }

  function letIn(exchange: Exchange, scope: Scope | null, verdict: Verdict): void {
    exchange.caller = callerOf(verdict, scope)
    const { kind, limit } = exchange.caller
    // What is open to everybody costs nothing: a page is many files, and a monitor asks for /health each second.
    if (scope === null) return
    if (limit) takeFrom(limit, exchange)
    if (mayDo(exchange.caller, scope)) return
    throw kind === 'anonymous' ? keyless() : withoutScope(scope)
  }

  function callerOf(verdict: Verdict, scope: Scope | null) {
    if (verdict.outcome === 'known') return verdict.caller
    // What is open to everybody is open also to whoever shows an old key.
    if (scope === null) return anonymousCaller(null)
    throw verdict.outcome === 'refused' ? refused(verdict) : unavailable()
  }

  function takeFrom(limit: CallerLimit, exchange: Exchange): void {
    const budget = access.count(limit)
    exchange.budgetHeaders = budgetHeaders(budget)
    const { requests, tokens } = budget
    if (tokens && tokens.nextInMs > 0) throw tooMany('tokens', tokens.limit, tokens.nextInMs)
    if (requests && requests.nextInMs > 0) throw tooMany('requests', requests.limit, requests.nextInMs)
  }
}

/** Throws HttpError 403 where the key of the caller is for other models. */
export function allowModel({ caller }: Pick<Exchange, 'caller'>, modelId: string): void {
  if (mayUse(caller, modelId)) return
  throw new HttpError(403, 'model_not_allowed', `The API key may not use the model '${modelId}'.`, {
    param: 'model',
    type: permission,
  })
}

const permission = 'permission_error'
const authentication = 'authentication_error'
const challenge = ['www-authenticate', 'Bearer realm="MLX Mesh"']
const howToGetOne = 'On the Mac that you ask, "mlx-mesh keys create NAME" makes one.'

function foreignAddress(): HttpError {
  const message = 'This Mac answers no requests from your address (controller.api.allowed_addresses).'
  return new HttpError(403, 'address_not_allowed', message, { type: permission })
}

function keyless(): HttpError {
  const message = `You need an API key: send it as "Authorization: Bearer KEY". ${howToGetOne}`
  return new HttpError(401, 'invalid_api_key', message, { type: authentication, headers: challenge })
}

function refused({ reason, retryAfterMs }: Extract<Verdict, { outcome: 'refused' }>): HttpError {
  if (retryAfterMs !== null) {
    const message = `Too many wrong API keys came from your address. ${reason}`
    return new HttpError(429, 'too_many_failures', message, { type: 'rate_limit_error', retryAfterMs })
  }
  return new HttpError(401, 'invalid_api_key', `${reason} ${howToGetOne}`, {
    type: authentication,
    headers: challenge,
  })
}

function unavailable(): HttpError {
  const message =
    'Your token cannot be checked now: this Mac cannot get the keys of controller.api.jwt. Its log says why. Try again later.'
  return new HttpError(503, 'token_keys_unavailable', message, { type: 'server_error', retryAfterMs: 5000 })
}

function withoutScope(scope: Scope): HttpError {
  const message = `The API key may not do this: it has no scope '${scope}'. Ask the owner of the Mac for one that has.`
  return new HttpError(403, 'insufficient_scope', message, { type: permission })
}

function tooMany(what: 'requests' | 'tokens', limit: number, retryAfterMs: number): HttpError {
  const message = `You may use ${limit} ${what} a minute. Try again in ${Math.ceil(retryAfterMs / 1000)} s.`
  return new HttpError(429, 'rate_limit_exceeded', message, { type: 'rate_limit_error', retryAfterMs })
}
