// Who makes a request, and what he may do.
export const scopes = ['inference', 'read', 'admin'] as const
/** `inference`: text and models. `read`: what the mesh does, its figures and its page. `admin`: whatever changes something, and `read`. */
export type Scope = (typeof scopes)[number]

export interface Caller {
  /** `owner`: a program or page on this Mac that shows no key. `anonymous`: from elsewhere, without one. */
  readonly kind: 'owner' | 'key' | 'jwt' | 'anonymous'
  /** Of the key, or the subject of the token. */
  readonly name: string | null
  /** Of the key. */
  readonly keyId: string | null
  readonly scopes: ReadonlySet<Scope>
  /** Null: every model. */
  readonly models: ReadonlySet<string> | null
  /** Until when he may; null: for ever. */
  readonly expiresAtMs: number | null
  /** Whose budget its requests are taken from; null: they are not counted. */
  readonly limit: CallerLimit | null
}

export interface CallerLimit {
  readonly account: string
  /** Null: no limit. */
  readonly requestsPerMinute: number | null
  readonly tokensPerMinute: number | null
}

export const ownerCaller: Caller = {
  kind: 'owner',
  name: null,
  keyId: null,
  scopes: new Set(scopes),
  models: null,
  expiresAtMs: null,
  limit: null,
}

/** Who has shown nothing yet. */
export const nobody: Caller = { ...ownerCaller, kind: 'anonymous', scopes: new Set() }

export function anonymousCaller(limit: CallerLimit | null): Caller {
  return { ...nobody, limit }
}

export function mayDo(caller: Caller, scope: Scope): boolean {
  return caller.scopes.has(scope) || (scope === 'read' && caller.scopes.has('admin'))
}

export function mayUse({ models }: Caller, modelId: string): boolean {
  return models === null || models.has(modelId)
}
