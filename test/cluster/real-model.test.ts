// A real model on two Macs: what one has begun the other one ends, with the same words.
import { expect, onTestFinished, test } from 'vitest'
import { ask } from '../machines/ask.ts'
import { machinesMissing } from '../machines/ip.ts'
import { workerIdOf, workersSeenBy } from '../machines/mesh.ts'
import type { PlacedPeer } from '../machines/peer.ts'
import { controller, makeMesh, nth, onMachines } from '../machines/test-mesh.ts'

const model = 'SmolLM2-135M-Instruct'
const question = { model, prompt: 'Count from one to twenty in words.', maxTokens: 40 }

test.skipIf(machinesMissing !== null)(
  `a stream of a real model survives the death of its Mac, word for word (${onMachines})`,
  async () => {
    const mesh = await makeMesh([controller, { args: ['--load', model] }, { args: ['--load', model] }])
    onTestFinished(() => mesh.close())
    const gateway = nth(mesh.macs, 0).peer
    const workers = mesh.macs.slice(1)
    const ids = await Promise.all(workers.map(({ peer }) => workerIdOf(peer)))
    await expect.poll(() => readyOn(gateway), { timeout: 90_000, interval: 500 }).toBe(2)
    const undisturbed = await ask(gateway.url, question)
    expect(undisturbed.end).toBe('complete')
    let dying: Promise<void> | null = null
    const answer = await ask(gateway.url, {
      ...question,
      onToken: (count, workerId) => {
        if (count === 10) dying = nth(workers, ids.indexOf(workerId)).peer.kill()
      },
    })
    expect(dying).not.toBeNull()
    expect(answer).toMatchObject({ end: 'complete', text: undisturbed.text, tokens: undisturbed.tokens })
  },
  180_000,
)

async function readyOn(peer: PlacedPeer): Promise<number> {
  const workers = await workersSeenBy(peer)
  const isReady = ({ modelId, state }: { modelId: string; state: string }) =>
    modelId === model && state === 'ready'
  return workers.filter(({ models }) => models.some(isReady)).length
}
