import { expect, test } from 'vitest'
import { createProgress } from '../../main/cli/copy-progress.ts'
import type { ModelStatus } from '../../main/protocol/models.ts'

const megabyte = 2 ** 20

function coming(megabytes: number, more: Partial<ModelStatus> = {}): ModelStatus {
  return {
    modelId: 'org/one',
    fingerprint: '',
    state: 'downloading',
    reason: null,
    copied: { bytes: megabytes * megabyte, ofBytes: 2000 * megabyte, from: 'hub' },
    sizeBytes: 2000 * megabyte,
    memoryBytes: 0,
    contextTokens: 1,
    createdAtMs: 0,
    lastUsedAtMs: null,
    activeRequests: 0,
    ...more,
  }
}

test('a download is spoken of at each tenth, with its speed and the time that it still takes', () => {
  const progress = createProgress()
  expect(progress(coming(0), 0)).toBe('downloading, 0 % of 2.0 GB')
  expect(progress(coming(0), 0.2)).toBe(null)
  expect(progress(coming(100), 2)).toBe(null)
  expect(progress(coming(200), 4)).toBe('downloading, 10 % of 2.0 GB, 50 MB/s, 36 s left')
  expect(progress(coming(2000), 5)).toBe('downloading, 100 % of 2.0 GB, 400 MB/s, 0 s left')
  expect(progress(coming(0, { state: 'loading' }), 6)).toBe('loading')
})

test('a slow download is spoken of every ten seconds', () => {
  const progress = createProgress()
  progress(coming(0), 0)
  expect(progress(coming(1), 5)).toBe(null)
  expect(progress(coming(10), 10)).toBe('downloading, 0 % of 2.0 GB, 1.0 MB/s, 33 min left')
  expect(progress(coming(10), 15)).toBe(null)
})

test('what is copied from another Mac is called a copy, and what nothing is known of yet is looked for', () => {
  expect(createProgress()(coming(400, { copied: { bytes: 1, ofBytes: 2 } }), 0)).toBe('copying, 50 % of 0 MB')
  const { copied: _, ...unknown } = coming(0)
  expect(createProgress()(unknown, 0)).toBe('looking for it')
})
