import { expect, test } from 'vitest'
import { askSystem } from '../../main/worker/ask-system.ts'

test('a system command that does not end when it is told to is waited for no longer than said', async () => {
  const beganMs = performance.now()
  const stubborn = 'trap "" TERM; echo half; while :; do sleep 0.1; done'
  expect(await askSystem('/bin/sh', ['-c', stubborn], 300)).toBe('half\n')
  expect(performance.now() - beganMs).toBeLessThan(3000)
})
