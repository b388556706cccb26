import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { openRotatedFile } from '../../main/telemetry/rotated-file.ts'
import { makeSmallDisk, makeTempFolder, noSmallDisk } from '../support/temp-folder.ts'

const unexpected = (error: Error) => {
  throw error
}

describe('a rotated file', () => {
  test('starts anew when it has grown, and keeps a few older ones', async () => {
    const folder = makeTempFolder()
    const path = join(folder, 'a.log')
    for (const round of [1, 2, 3, 4, 5]) {
      const file = openRotatedFile({ path, maxBytes: 10, keep: 2, flushMs: 1, onTrouble: unexpected })
      file.write(`first ${round}\n`)
      await vi.waitFor(() => expect(readFileSync(path, 'utf8')).toContain(`first ${round}`))
      await file.close()
    }
    expect(readdirSync(folder).sort()).toEqual(['a.log', 'a.log.1', 'a.log.2'])
    expect(readFileSync(`${path}.2`, 'utf8')).toBe('first 3\n')
  })

  test('goes on after what it holds from an earlier run', async () => {
    const path = join(makeTempFolder(), 'a.log')
    writeFileSync(path, 'before\n')
    const file = openRotatedFile({ path, onTrouble: unexpected })
    file.write('after\n')
    await file.close()
    expect(readFileSync(path, 'utf8')).toBe('before\nafter\n')
  })

  test('says trouble once, keeps the lines, and writes them when the disk is well again', async () => {
    const folder = makeTempFolder()
    const inTheWay = join(folder, 'logs')
    writeFileSync(inTheWay, '')
    const troubles: string[] = []
    const file = openRotatedFile({
      path: join(folder, 'logs', 'a.log'),
      flushMs: 1,
      retryMs: 5,
      maxWaitingBytes: 12,
      onTrouble: error => troubles.push(error.message),
    })
    file.write('one\n')
    file.write('two\n')
    await vi.waitFor(() => expect(file.failures).toBeGreaterThan(2))
    file.write('far too much for the memory\n')
    expect(file.lostLines).toBe(1)
    rmSync(inTheWay)
    await vi.waitFor(() => expect(existsSync(join(folder, 'logs', 'a.log'))).toBe(true))
    await file.close()
    expect(readFileSync(join(folder, 'logs', 'a.log'), 'utf8')).toBe('one\ntwo\n')
    expect(troubles).toHaveLength(1)
  })

  test.skipIf(noSmallDisk)(
    `survives a disk that is really full${noSmallDisk ? ` (${noSmallDisk})` : ''}`,
    async () => {
      const disk = makeSmallDisk()
      const hog = join(disk, 'hog')
      const path = join(disk, 'a.log')
      const onTrouble = vi.fn<(error: Error) => void>()
      const file = openRotatedFile({ path, flushMs: 1, retryMs: 5, onTrouble })
      file.write('before\n')
      await vi.waitFor(() => expect(readFileSync(path, 'utf8')).toBe('before\n'))
      expect(() => writeFileSync(hog, Buffer.alloc(2 * 2 ** 20))).toThrow(/ENOSPC/)
      const long = `${'x'.repeat(8000)}\n`
      file.write(long)
      await vi.waitFor(() => expect(file.failures).toBeGreaterThan(1))
      expect(onTrouble).toHaveBeenCalledTimes(1)
      expect(readFileSync(path, 'utf8')).toBe('before\n')
      rmSync(hog)
      await vi.waitFor(() => expect(readFileSync(path, 'utf8')).toBe(`before\n${long}`))
      await file.close()
      expect(file.lostLines).toBe(0)
    },
  )
})
