import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { takeLock } from '../../scripts/setup/lock.mjs'
import { makeTempFolder } from '../support/temp-folder.ts'

const neverWaits = (owner: number) => expect.unreachable(`waited for ${owner}`)

/** The id of a process that has ended and been reaped. */
function deadPid(): number {
  return spawnSync(process.execPath, ['--version']).pid
}

test('a lock names its owner while it is held and is gone afterwards', async () => {
  const path = join(makeTempFolder(), 'set-up.lock')
  const release = await takeLock(path, neverWaits)
  expect(readFileSync(path, 'utf8')).toBe(String(process.pid))
  release()
  expect(existsSync(path)).toBe(false)
})

test('the lock of a dead process is taken over at once', async () => {
  const path = join(makeTempFolder(), 'set-up.lock')
  writeFileSync(path, String(deadPid()))
  const release = await takeLock(path, neverWaits)
  expect(readFileSync(path, 'utf8')).toBe(String(process.pid))
  release()
})

test('a lock whose owner lives but never touches it belongs to nobody', async () => {
  const path = join(makeTempFolder(), 'set-up.lock')
  writeFileSync(path, String(process.ppid))
  const owners: number[] = []
  const release = await takeLock(path, owner => owners.push(owner), { silenceMs: 250 })
  expect(owners).toEqual([process.ppid])
  expect(readFileSync(path, 'utf8')).toBe(String(process.pid))
  release()
})

test('of many who find a dead lock, one at a time goes on', async () => {
  const path = join(makeTempFolder(), 'set-up.lock')
  writeFileSync(path, String(deadPid()))
  let inside = 0
  let most = 0
  const visit = async () => {
    const release = await takeLock(path, () => {})
    inside += 1
    most = Math.max(most, inside)
    await new Promise(resolve => setImmediate(resolve))
    inside -= 1
    release()
  }
  await Promise.all(Array.from({ length: 8 }, visit))
  expect(most).toBe(1)
})
