// One loss: streams are under way and new requests come in when a Mac that generates is lost.
import { type Answer, ask, longestGapMs } from '../../test/machines/ask.ts'
import { workerIdOf } from '../../test/machines/mesh.ts'
import { type BenchMesh, controller, scripted, withMesh } from '../programs/test-mesh.ts'

export type Loss = 'killed' | 'unplugged'

export interface Trial {
  /** The longest pause of each stream of the lost Mac. */
  readonly gapsMs: readonly number[]
  /** How long after the loss the last of those new requests was asked that had to wait for its first token. */
  readonly avoidedAfterMs: number
  /** Streams and requests without their whole answer. */
  readonly broken: number
}

const streams = 16
const streamTokens = 400
const lostAfterMs = 1_000
const newRequestsForMs = 4_000
const newRequestEveryMs = 20
/** A first token after more than this did not go to a Mac that was there at once. */
const waitedMs = 150

export function loseOne(loss: Loss): Promise<Trial> {
  return withMesh([controller, scripted, scripted, scripted], mesh => measure(mesh, loss))
}

async function measure({ peers, machines }: BenchMesh, loss: Loss): Promise<Trial> {
  const [gateway, victim] = peers
  if (!gateway || !victim) throw new Error('no peers')
  const lostId = await workerIdOf(victim)
  const long = { model: 'scripted', prompt: 'Tell me a story.', maxTokens: streamTokens }
  const running = Array.from({ length: streams }, () => ask(gateway.url, long))
  await passed(lostAfterMs)
  const lostAtMs = performance.now()
  if (loss === 'killed') await victim.kill()
  else await machines[1]?.unplug()
  const asked: Promise<Answer>[] = []
  while (performance.now() - lostAtMs < newRequestsForMs) {
    asked.push(ask(gateway.url, { model: 'scripted', prompt: 'Hello', maxTokens: 1 }))
    await passed(newRequestEveryMs)
  }
  const [old, fresh] = await Promise.all([Promise.all(running), Promise.all(asked)])
  const waited = fresh.filter(
    answer => (answer.arrivedAtMs[0] ?? answer.endedAtMs) - answer.askedAtMs > waitedMs,
  )
  return {
    gapsMs: old.filter(({ workerId }) => workerId === lostId).map(longestGapMs),
    avoidedAfterMs: Math.max(0, ...waited.map(({ askedAtMs }) => askedAtMs - lostAtMs)),
    broken:
      old.filter(({ end, tokens }) => end !== 'complete' || tokens !== streamTokens).length +
      fresh.filter(({ end }) => end !== 'complete').length,
  }
}

function passed(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
