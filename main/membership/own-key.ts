// The key of this Mac, which never leaves it.
import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto'

/** A new key for this Mac, in PEM (PKCS #8). */
export function makeKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** SHA-256 of the public half, as a `Member` carries it and nats-server's `pinned_certs` compares it. */
export function fingerprintOf(keyPem: string): string {
  const spki = createPublicKey(keyPem).export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(spki).digest('hex')
}
