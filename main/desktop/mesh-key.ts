// The key that seals what this Mac keeps of its mesh. It lies in the data folder, sealed by the system's own vault for the
// app (on a Mac, the Keychain). Only the packaged app has one: from a checkout, `npm start` must read the file, too.
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { writeFileAtomically } from '../config/write-file.ts'
import { ownerKeyBytes } from '../process/owner-channel.ts'
import type { Log } from '../telemetry/log.ts'

/** Electron's `safeStorage`. */
export interface Vault {
  isEncryptionAvailable(): boolean
  encryptString(text: string): Buffer
  decryptString(sealed: Buffer): string
  /** On Linux: `basic_text` is no vault, but a password that everybody knows. */
  getSelectedStorageBackend?(): string
}

/** In base64; null where the system keeps nothing for the app, or no longer opens what it has kept. */
export function readMeshKey(file: string, vault: Vault, log: Log): string | null {
  if (!isVault(vault)) return null
  try {
    if (existsSync(file)) return vault.decryptString(Buffer.from(readFileSync(file, 'utf8'), 'base64'))
    const fresh = randomBytes(ownerKeyBytes).toString('base64')
    writeFileAtomically(file, `${vault.encryptString(fresh).toString('base64')}\n`)
    return fresh
  } catch (error) {
    log.error('the key to what is kept of the mesh cannot be had', { file, error })
    return null
  }
}

function isVault(vault: Vault): boolean {
  if (process.platform === 'linux' && vault.getSelectedStorageBackend?.() === 'basic_text') return false
  return vault.isEncryptionAvailable()
}
