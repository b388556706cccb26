import { expect, test } from 'vitest'
import type { Sharing } from '../../main/protocol/workers.ts'
import { sharingOn } from '../../main/worker/sharing-policy.ts'
import { readAll, sequence, startMemoryMesh, textOf } from '../support/mesh-in-memory.ts'

const paused: Sharing = { state: 'paused', reason: 'on battery', untilMs: null }
const never = new AbortController().signal

test.each(['worker1', 'worker2'])(
  'a request is served by the Mac that shares while %s pauses',
  async pausing => {
    const mesh = await startMemoryMesh({
      workers: 2,
      sharingOf: workerId => (workerId === pausing ? paused : sharingOn),
    })
    const events = await readAll(mesh.infer(sequence({ maxTokens: 3 }), never))
    expect(textOf(events)).not.toBe('')
    const accepted = events.filter(event => event.type === 'accepted')
    expect(accepted.map(({ choice }) => choice.workerId)).toEqual([
      pausing === 'worker1' ? 'worker2' : 'worker1',
    ])
  },
)

test('a request that no Mac takes ends with the reason', async () => {
  const mesh = await startMemoryMesh({ workers: 2, sharingOf: () => paused })
  await expect(readAll(mesh.infer(sequence(), never))).rejects.toMatchObject({
    code: 'NO_WORKER',
    message: expect.stringContaining('worker1 is paused (on battery); worker2'),
  })
})
