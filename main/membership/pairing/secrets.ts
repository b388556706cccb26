// The arithmetic of pairing, on node:crypto alone: X25519, HKDF, AES-256-GCM. Knows nothing of sockets or people.
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import type { z } from 'zod'
import { PairingFailure } from './failure.ts'

export type Role = 'inviter' | 'joiner'

export interface KeyPair {
  readonly publicKey: string
  readonly privateKey: KeyObject
}

export function drawKeyPair(): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('x25519')
  const { x } = publicKey.export({ format: 'jwk' })
  if (x === undefined) throw new Error('an X25519 key has no x')
  return { publicKey: x, privateKey }
}

export function drawNonce(): string {
  return randomBytes(32).toString('base64url')
}

/** Throws PairingFailure for a point that gives a secret which anybody knows (RFC 7748 §6.1). */
function agree(own: KeyPair, theirs: string): Buffer {
  if (theirs === own.publicKey) throw new PairingFailure('tampered')
  let secret: Buffer
  try {
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: theirs }, format: 'jwk' })
    secret = diffieHellman({ privateKey: own.privateKey, publicKey })
  } catch {
    throw new PairingFailure('tampered') // OpenSSL refuses such points by itself
  }
  if (secret.every(byte => byte === 0)) throw new PairingFailure('tampered')
  return secret
}

/** Everything that both ends have said in the open, in one order, without ambiguity. */
export type Transcript = readonly string[]

/** Binds the inviter to its nonce before it has seen the joiner's: neither end can steer the short code. */
export function commitTo(nonce: string, said: Transcript): string {
  return createHmac('sha256', Buffer.from(nonce, 'base64url'))
    .update(JSON.stringify(said))
    .digest('base64url')
}

export function keepsCommitment(commitment: string, nonce: string, said: Transcript): boolean {
  return timingSafeEqual(Buffer.from(commitment), Buffer.from(commitTo(nonce, said)))
}

/** Six digits: whoever sits in between has one chance in a million that both screens show the same. */
export function shortCodeOf(transcript: Transcript): string {
  const digest = createHash('sha256')
    .update(JSON.stringify(['mlx-mesh short code', ...transcript]))
    .digest()
  return String(digest.readBigUInt64BE() % 1_000_000n).padStart(6, '0')
}

export interface Session {
  seal(note: object): string
  /** Throws PairingFailure unless the other end sealed this as its next note, under the same secrets and transcript. */
  open<T>(box: string, note: z.ZodType<T>): T
}

export interface SessionSecrets {
  readonly role: Role
  readonly own: KeyPair
  readonly theirs: string
  /** Null: two people compare instead. */
  readonly code: Buffer | null
  readonly transcript: Transcript
}

/** Each direction has a key and counts its notes: a note that comes twice, late, or back to its sender does not open. */
export function openSession({ role, own, theirs, code, transcript }: SessionSecrets): Session {
  const material = Buffer.concat([agree(own, theirs), code ?? Buffer.alloc(0)])
  const salt = createHash('sha256').update(JSON.stringify(transcript)).digest()
  const keyFrom = (from: Role) =>
    Buffer.from(hkdfSync('sha256', material, salt, `mlx-mesh pairing, from the ${from}`, 32))
  const sealing = keyFrom(role)
  const opening = keyFrom(role === 'inviter' ? 'joiner' : 'inviter')
  let sealed = 0
  let opened = 0

  return {
    seal(note) {
      const cipher = createCipheriv('aes-256-gcm', sealing, counter(sealed++))
      const body = Buffer.concat([cipher.update(JSON.stringify(note)), cipher.final(), cipher.getAuthTag()])
      return body.toString('base64url')
    },
    open(box, note) {
      try {
        const body = Buffer.from(box, 'base64url')
        const decipher = createDecipheriv('aes-256-gcm', opening, counter(opened++), {
          authTagLength: tagBytes,
        })
        decipher.setAuthTag(body.subarray(-tagBytes))
        const text = Buffer.concat([
          decipher.update(body.subarray(0, -tagBytes)),
          decipher.final(),
        ]).toString()
        return note.parse(JSON.parse(text))
      } catch {
        throw new PairingFailure('tampered')
      }
    },
  }
}

const tagBytes = 16

function counter(value: number): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeUInt32BE(value, 8)
  return nonce
}
