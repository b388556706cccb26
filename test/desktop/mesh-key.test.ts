import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readMeshKey, type Vault } from '../../main/desktop/mesh-key.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { makeTempFolder } from '../support/temp-folder.ts'

/** A vault of its owner: it opens what it has sealed itself. */
function vaultOf(owner: string): Vault {
  const mark = createHash('sha256').update(owner).digest('hex')
  return {
    isEncryptionAvailable: () => true,
    encryptString: text => Buffer.from(mark + Buffer.from(text).toString('hex')),
    decryptString: sealed => {
      const text = sealed.toString()
      if (!text.startsWith(mark)) throw new Error('sealed by somebody else')
      return Buffer.from(text.slice(mark.length), 'hex').toString()
    },
  }
}

test('the key is drawn once, and lies sealed in the data folder', () => {
  const file = join(makeTempFolder(), 'mesh-key')
  const key = readMeshKey(file, vaultOf('ann'), silentLog) ?? ''
  expect(Buffer.from(key, 'base64').length).toBe(32)
  expect(readFileSync(file, 'utf8')).not.toContain(key)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readMeshKey(file, vaultOf('ann'), silentLog)).toBe(key)
})

test('a key that the vault no longer opens is not replaced by another one', () => {
  const file = join(makeTempFolder(), 'mesh-key')
  readMeshKey(file, vaultOf('ann'), silentLog)
  const before = readFileSync(file, 'utf8')
  expect(readMeshKey(file, vaultOf('bob'), silentLog)).toBeNull()
  expect(readFileSync(file, 'utf8')).toBe(before)
})

test('without a vault there is no key', () => {
  const file = join(makeTempFolder(), 'mesh-key')
  expect(readMeshKey(file, { ...vaultOf('ann'), isEncryptionAvailable: () => false }, silentLog)).toBeNull()
})
