// Decides who a request comes from and whether he has asked too often. Knows addresses, credentials and budgets; nothing of
// routes or of HTTP's answers.
import { isLoopback } from '../config/addresses.ts'
import type { Clock } from '../protocol/clock.ts'
import { countedAs, createAllowList } from './address.ts'
import { isMeantAsKey } from './api-key.ts'
import { anonymousCaller, type Caller, type CallerLimit, ownerCaller } from './caller.ts'
import { isMeantAsJwt, type JwtVerdict, type VerifyJwt } from './jwt.ts'
import type { KeyRing } from './key-ring.ts'
import { type Allowance, TokenBuckets } from './token-buckets.ts'

export interface AccessOptions {
  readonly keys: Pick<KeyRing, 'find' | 'usage'>
  /** Null: no tokens are believed. */
  readonly verifyJwt: VerifyJwt | null
  /** Programs on this Mac need a key, too. */
  readonly requireKey: boolean
  /** CIDRs; none: everybody. */
  readonly allowedAddresses: readonly string[]
  /** For callers from other machines; null: they may ask as often as they like. */
  readonly rateLimit: Omit<CallerLimit, 'account'> | null
  readonly clock: Clock
}

/** What a request shows of where it comes from and who sent it. */
interface Shown {
  /** Of the socket. */
  readonly address: string
  /** A proxy has passed it on, or it came by a name of the network: it is not this Mac's own, wherever it arrives from. */
  readonly isFromAfar: boolean
  /** It shows this Mac's token, which lies in the data folder. */
  readonly isOwnProgram: boolean
  /** An API key or token as it was sent; null: none. */
  readonly credential: string | null
}

export type Verdict =
  | { readonly outcome: 'known'; readonly caller: Caller }
  /** `reason` is for whoever asks; `retryAfterMs`: too many failed at that address. */
  | { readonly outcome: 'refused'; readonly reason: string; readonly retryAfterMs: number | null }
  /** The keys of tokens could not be had. */
  | { readonly outcome: 'unavailable' }

/** What is left for a caller after this request. */
export interface Budget {
  /** Null: not limited. */
  readonly requests: Allowance | null
  readonly tokens: Allowance | null
}

export interface Access {
  isAllowed(address: string): boolean
  /** A promise for tokens only. */
  identify(shown: Shown): Verdict | Promise<Verdict>
  /** Takes a request from its budget, unless one of the two is used up: its `nextInMs` is not 0 then. */
  count(limit: CallerLimit): Budget
  /** An answer has ended. */
  generated(caller: Caller, promptTokens: number, completionTokens: number): void
}

/** Failed attempts that an address has in a minute: for somebody who mistypes plenty, for somebody who guesses nothing. */
const failuresPerMinute = 20
const owner: Verdict = { outcome: 'known', caller: ownerCaller }

export function createAccess(options: AccessOptions): Access {
  const { keys, verifyJwt, requireKey, rateLimit, clock } = options
  const isAllowed = createAllowList(options.allowedAddresses)
  const requests = new TokenBuckets(clock)
  const tokens = new TokenBuckets(clock)
  const failures = new TokenBuckets(clock)

  return { isAllowed, identify, count, generated }

  function identify(shown: Shown): Verdict | Promise<Verdict> {
    const { address, credential } = shown
    const isHere = isLoopback(address) && !shown.isFromAfar
    if (isHere && shown.isOwnProgram) return owner
    if (credential !== null && isMeantAsKey(credential)) return ofKey(credential, address, isHere)
    if (credential !== null && verifyJwt && isMeantAsJwt(credential))
      return verifyJwt(credential).then(verdict => ofJwt(verdict, address, isHere))
    // Programs on this Mac show any key: OpenAI's clients do not go without.
    if (isHere && !requireKey) return owner
    if (credential !== null) return refuse(address, 'That is no API key of this Mac.')
    return known(anonymousCaller(limitFor(`address ${countedAs(address)}`, false)))
  }

  function ofKey(text: string, address: string, isHere: boolean): Verdict {
    const found = keys.find(text)
    if (!found) return refuse(address, 'The API key is not one of this Mac, or was revoked.')
    const { kept, isExpired } = found
    if (isExpired) return refuse(address, `The API key "${kept.name}" has expired.`)
    keys.usage.requested(kept.id)
    const { id, name, models, expiresAtMs } = kept
    const limit = limitFor(`key ${id}`, isHere, kept)
    return known({
      kind: 'key',
      name,
      keyId: id,
      scopes: new Set(kept.scopes),
      models: models && new Set(models),
      expiresAtMs,
      limit,
    })
  }

  function ofJwt(verdict: JwtVerdict, address: string, isHere: boolean): Verdict {
    if (verdict.outcome === 'refused') return refuse(address, verdict.reason)
    if (verdict.outcome === 'unavailable') return verdict
    const { subject: name, scopes, models, expiresAtMs } = verdict
    const limit = limitFor(`jwt ${name}`, isHere)
    return known({
      kind: 'jwt',
      name,
      keyId: null,
      scopes: new Set(scopes),
      models: models && new Set(models),
      expiresAtMs,
      limit,
    })
  }

  function refuse(address: string, reason: string): Verdict {
    const { nextInMs } = failures.takeOne(countedAs(address), failuresPerMinute)
    return { outcome: 'refused', reason, retryAfterMs: nextInMs > 0 ? nextInMs : null }
  }

  /** What a key says of its own limits holds everywhere, what the configuration says for other machines. */
  function limitFor(
    account: string,
    isHere: boolean,
    own: Partial<Omit<CallerLimit, 'account'>> = {},
  ): CallerLimit | null {
    const usual = isHere ? null : rateLimit
    const requestsPerMinute = own.requestsPerMinute ?? usual?.requestsPerMinute ?? null
    const tokensPerMinute = own.tokensPerMinute ?? usual?.tokensPerMinute ?? null
    if (requestsPerMinute === null && tokensPerMinute === null) return null
    return { account, requestsPerMinute, tokensPerMinute }
  }

  function count({ account, requestsPerMinute, tokensPerMinute }: CallerLimit): Budget {
    const left = tokensPerMinute === null ? null : tokens.look(account, tokensPerMinute)
    const isSpent = left !== null && left.nextInMs > 0
    if (requestsPerMinute === null) return { requests: null, tokens: left }
    const take = isSpent
      ? requests.look(account, requestsPerMinute)
      : requests.takeOne(account, requestsPerMinute)
    return { requests: take, tokens: left }
  }

  function generated({ keyId, limit }: Caller, promptTokens: number, completionTokens: number): void {
    if (keyId !== null) keys.usage.generated(keyId, promptTokens, completionTokens)
    if (limit && limit.tokensPerMinute !== null)
      tokens.charge(limit.account, limit.tokensPerMinute, promptTokens + completionTokens)
  }
}

function known(caller: Caller): Verdict {
  return { outcome: 'known', caller }
}
