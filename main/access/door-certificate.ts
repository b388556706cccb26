// The certificate that other machines see: the owner's own files, or one that this Mac makes itself and renews.
import { readFileSync } from 'node:fs'
import { hostname, networkInterfaces } from 'node:os'
import { createSecureContext } from 'node:tls'
import { writeFileAtomically } from '../config/write-file.ts'
import type { Clock } from '../protocol/clock.ts'
import type { Log } from '../telemetry/log.ts'

export interface DoorCertificate {
  /** PEM. */
  current(): { readonly cert: string; readonly key: string }
  /** What clients have to trust, in PEM; null: whoever signed the owner's certificate. */
  authority(): string | null
  onChange(run: () => void): () => void
  /** Looks now whether it has to be another one. */
  look(): Promise<void>
  close(): void
}

export interface IssuedCertificate {
  readonly cert: string
  readonly key: string
  readonly authority: string
  readonly renewAtMs: number
}

export interface Names {
  readonly hosts: readonly string[]
  readonly addresses: readonly string[]
}

interface Surroundings {
  readonly clock: Clock
  readonly log: Log
}

const lookEveryMs = 30_000

/** Reads the files again when they change. Throws an Error for the user when they cannot be used. */
export function openCertificateFiles(
  certFile: string,
  keyFile: string,
  { clock, log }: Surroundings,
): DoorCertificate {
  const listeners = new Set<() => void>()
  const read = () => ({ cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') })
  let current = checked(read(), certFile)
  const look = async () => {
    try {
      const next = read()
      if (next.cert === current.cert && next.key === current.key) return
      current = checked(next, certFile)
      log.info('the certificate of the door was read again')
      for (const run of listeners) run()
    } catch (error) {
      log.warn('the new certificate of the door cannot be used; the old one stays', { error: String(error) })
    }
  }
  const stop = clock.every(lookEveryMs, look)
  return { current: () => current, authority: () => null, onChange: watched(listeners), look, close: stop }
}

/** `issue` signs one for these names; `authorityFile` is where its authority is left for clients. */
export async function openIssuedCertificate(
  issue: (names: Names) => Promise<IssuedCertificate>,
  authorityFile: string,
  { clock, log, names = ownNames }: Surroundings & { readonly names?: () => Names },
): Promise<DoorCertificate> {
  const listeners = new Set<() => void>()
  let madeFor = names()
  let current = await issue(madeFor)
  keepAuthority()
  const look = async () => {
    const wanted = names()
    const isSame = JSON.stringify(wanted) === JSON.stringify(madeFor)
    if (isSame && clock.now() < current.renewAtMs) return
    await renew(wanted)
  }
  const stop = clock.every(lookEveryMs, () => {
    look().catch(error =>
      log.error('the certificate of the door could not be renewed', { error: String(error) }),
    )
  })
  return {
    current: () => current,
    authority: () => current.authority,
    onChange: watched(listeners),
    look: () => renew(names()),
    close: stop,
  }

  async function renew(wanted: Names): Promise<void> {
    current = await issue(wanted)
    madeFor = wanted
    keepAuthority()
    log.info('the door has another certificate', { ...wanted })
    for (const run of listeners) run()
  }

  function keepAuthority(): void {
    writeFileAtomically(authorityFile, current.authority)
  }
}

/** What this Mac is called, and where it is now. */
export function ownNames(): Names {
  const name = hostname().toLowerCase()
  const short = name.split('.')[0] ?? name
  const hosts = new Set(['localhost', name, short, `${short}.local`])
  const addresses = Object.values(networkInterfaces())
    .flatMap(found => found ?? [])
    // An address of one link means nothing to whoever is not on it.
    .filter(({ address }) => !address.startsWith('fe80:'))
    .map(({ address }) => address)
  const written = [...hosts].filter(host => /^[a-z0-9.-]+$/.test(host))
  return { hosts: written.sort(), addresses: [...new Set(addresses)].sort() }
}

function checked<T extends { readonly cert: string; readonly key: string }>(pair: T, certFile: string): T {
  try {
    createSecureContext(pair)
    return pair
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`${certFile} and its key cannot be used for TLS (controller.tls): ${reason}`)
  }
}

function watched(listeners: Set<() => void>) {
  return (run: () => void) => {
    listeners.add(run)
    return () => listeners.delete(run)
  }
}
