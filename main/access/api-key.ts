// What an API key looks like, and what is kept of it. A key is 256 bits drawn by chance: nobody can try them all, so a plain
// SHA-256 guards it as well as a slow hash guards a password, and a look-up takes two microseconds.
import { createHash, randomBytes } from 'node:crypto'

const prefix = 'mlxm_'
const shape = /^mlxm_[A-Za-z0-9_-]{43}$/

export function drawApiKey(): string {
  return prefix + randomBytes(32).toString('base64url')
}

export function drawKeyId(): string {
  return `key_${randomBytes(6).toString('hex')}`
}

/** Whether somebody means a key of MLX Mesh by it, right or wrong. */
export function isMeantAsKey(text: string): boolean {
  return text.slice(0, prefix.length).toLowerCase() === prefix
}

/** Null for what cannot be a key. Whoever compares digests by the time it takes learns nothing of a key. */
export function digestOfKey(text: string): string | null {
  return shape.test(text) ? createHash('sha256').update(text).digest('base64url') : null
}

/** Enough to tell one's keys apart. */
export function endOfKey(key: string): string {
  return key.slice(-4)
}
