// The API keys of this Mac's door. They open this door only: other Macs of the mesh have their own.
import type { Clock } from '../protocol/clock.ts'
import type { Log } from '../telemetry/log.ts'
import { digestOfKey, drawApiKey, drawKeyId, endOfKey } from './api-key.ts'
import type { Scope } from './caller.ts'
import { type KeptKey, readKeyFile, writeKeyFile } from './key-file.ts'
import { type KeyUsage, type KeyUse, openKeyUsage } from './key-usage.ts'

export interface NewKey {
  readonly name: string
  readonly scopes: readonly Scope[]
  /** Null: every model. */
  readonly models: readonly string[] | null
  readonly requestsPerMinute: number | null
  readonly tokensPerMinute: number | null
  /** Null: never. */
  readonly expiresAtMs: number | null
}

/** All that is ever told of a key after it was made. */
type KnownKey = Omit<KeptKey, 'digest'> & { readonly isExpired: boolean; readonly use: KeyUse | null }

export interface KeyRing {
  /** Null where there are too many keys, or one has the name already. `key` is told this once. Throws as the disk does. */
  create(wanted: NewKey): { readonly key: string; readonly known: KnownKey } | null
  list(): readonly KnownKey[]
  /** By id or name; null: there is none. It opens nothing from now on. Throws as the disk does. */
  revoke(idOrName: string): KnownKey | null
  find(text: string): { readonly kept: KeptKey; readonly isExpired: boolean } | null
  readonly usage: Pick<KeyUsage, 'requested' | 'generated'>
  /** Calls back with the id of each key that is revoked. */
  onRevoke(run: (keyId: string) => void): () => void
  close(): void
}

export interface KeyRingOptions {
  readonly file: string
  readonly usageFile: string
  readonly clock: Clock
  readonly log: Log
}

const maxKeys = 1000

/** Throws an Error for the user when the file is there and cannot be read. */
export function openKeyRing({ file, usageFile, clock, log }: KeyRingOptions): KeyRing {
  let byDigest = indexed(readKeyFile(file))
  const usage = openKeyUsage(usageFile, clock, log)

  const listeners = new Set<(keyId: string) => void>()

  return {
    create,
    list,
    revoke,
    find,
    usage,
    onRevoke(run) {
      listeners.add(run)
      return () => listeners.delete(run)
    },
    close: usage.close,
  }

  function create(wanted: NewKey) {
    const kept = [...byDigest.values()]
    if (kept.length >= maxKeys || kept.some(({ name }) => name === wanted.name)) return null
    const key = drawApiKey()
    const digest = digestOfKey(key)
    if (digest === null) throw new Error('a key that was drawn is no key')
    const made: KeptKey = {
      id: drawKeyId(),
      name: wanted.name,
      digest,
      end: endOfKey(key),
      scopes: [...wanted.scopes],
      models: wanted.models && [...wanted.models],
      requestsPerMinute: wanted.requestsPerMinute,
      tokensPerMinute: wanted.tokensPerMinute,
      createdAtMs: clock.now(),
      expiresAtMs: wanted.expiresAtMs,
    }
    keep([...kept, made])
    return { key, known: describe(made) }
  }

  function list(): readonly KnownKey[] {
    return [...byDigest.values()].map(describe)
  }

  function revoke(idOrName: string): KnownKey | null {
    const kept = [...byDigest.values()]
    const found = kept.find(({ id }) => id === idOrName) ?? kept.find(({ name }) => name === idOrName)
    if (!found) return null
    const known = describe(found)
    keep(kept.filter(each => each !== found))
    usage.forget(found.id)
    for (const run of listeners) run(found.id)
    return known
  }

  function find(text: string) {
    const digest = digestOfKey(text)
    const kept = digest === null ? undefined : byDigest.get(digest)
    return kept ? { kept, isExpired: isExpired(kept) } : null
  }

  /** First on the disk: a key that is said to be revoked must not come back with the next start. */
  function keep(keys: readonly KeptKey[]): void {
    writeKeyFile(file, keys)
    byDigest = indexed(keys)
  }

  function describe(kept: KeptKey): KnownKey {
    const { digest: _, ...known } = kept
    return { ...known, isExpired: isExpired(kept), use: usage.of(kept.id) }
  }

  function isExpired({ expiresAtMs }: KeptKey): boolean {
    return expiresAtMs !== null && expiresAtMs <= clock.now()
  }
}

function indexed(keys: readonly KeptKey[]): Map<string, KeptKey> {
  return new Map(keys.map(key => [key.digest, key]))
}
