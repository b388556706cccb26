// The certificate of the HTTP door: for a key of its own, so that who is let into the mesh and who is answered at the door stay
// two things. Short-lived, as Apple's systems demand (825 days at most); the door asks for another one in time.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { writeFileAtomically } from '../config/write-file.ts'
import type { Clock } from '../protocol/clock.ts'
import { makeKey } from './own-key.ts'

export interface DoorNames {
  readonly hosts: readonly string[]
  readonly addresses: readonly string[]
}

export interface DoorPapers {
  /** PEM. */
  readonly cert: string
  readonly key: string
  /** Who vouches for it, in PEM. */
  readonly authority: string
  readonly renewAtMs: number
}

const dayMs = 86_400_000
const validDays = 397
const shape = /^[A-Za-z0-9_-]{43}$/

/** `ownSecretFile`: what the authority follows from while `meshSecret` is null; drawn when it is wanted first. */
export function doorIssuer(ownSecretFile: string, meshSecret: () => string | null, clock: Clock) {
  const key = makeKey()
  return async (names: DoorNames): Promise<DoorPapers> => {
    const { issueAuthority, issueDoorCertificate } = await import('./certificates.ts')
    const secret = meshSecret() ?? ownSecret(ownSecretFile)
    const nowMs = clock.now()
    const period = { notBefore: new Date(nowMs - dayMs), notAfter: new Date(nowMs + validDays * dayMs) }
    const [cert, authority] = await Promise.all([
      issueDoorCertificate(secret, key, names, period),
      issueAuthority(secret),
    ])
    return { cert, key, authority, renewAtMs: nowMs + (validDays / 2) * dayMs }
  }
}

function ownSecret(file: string): string {
  const kept = readKept(file)
  if (shape.test(kept)) return kept
  const fresh = randomBytes(32).toString('base64url')
  writeFileAtomically(file, `${fresh}\n`)
  return fresh
}

function readKept(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return ''
  }
}
