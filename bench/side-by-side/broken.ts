// How many of the requests under way break when a Mac that generates is lost.
import { ask } from '../../test/machines/ask.ts'
import type { Machine } from '../../test/machines/machine.ts'
import { sendSignal } from '../../test/machines/processes.ts'
import type { Running, System } from './systems.ts'

export type Loss = 'killed' | 'unplugged'

export interface Broken {
  readonly asked: number
  readonly broken: number
  readonly reasons: ReadonlyMap<string, number>
}

const tokensPerS = 50
const streamTokens = 200
const streams = 16
/** All have begun by then. */
const lostAfterMs = 1_500
/** A client that has waited for so long has gone. */
const patienceMs = 30_000

/** Streams of 4 s; while they run, one of the two Macs is lost. */
export async function countBroken(system: System, loss: Loss): Promise<Broken> {
  const running = await system.start(tokensPerS)
  try {
    const answers = Array.from({ length: streams }, () => stream(running))
    await new Promise(resolve => setTimeout(resolve, lostAfterMs))
    await lose(running.workers[0], loss)
    const reasons = new Map<string, number>()
    for (const answer of await Promise.all(answers)) {
      if (answer !== null) reasons.set(answer, (reasons.get(answer) ?? 0) + 1)
    }
    return { asked: streams, broken: [...reasons.values()].reduce((sum, count) => sum + count, 0), reasons }
  } finally {
    await running.close()
  }
}

/** Why it broke; null when the client has got all of it. */
async function stream({ urlHere, model }: Running): Promise<string | null> {
  const answer = await ask(urlHere, {
    model,
    prompt: 'Tell me a story.',
    maxTokens: streamTokens,
    signal: AbortSignal.timeout(patienceMs),
  })
  if (answer.end !== 'complete') return `${answer.end}: ${answer.reason}`
  const got = answer.text.match(/\S+ /g)?.length ?? 0
  return got === streamTokens ? null : `${got} of ${streamTokens} tokens, as if that were all`
}

async function lose(machine: Machine | undefined, loss: Loss): Promise<void> {
  if (loss === 'unplugged') await machine?.unplug()
  else for (const pid of machine?.processes() ?? []) sendSignal(pid, 'SIGKILL')
}
