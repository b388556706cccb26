import { setTimeout as sleep } from 'node:timers/promises'
import type { LoadPlan, LoadResult } from '../load/plan.ts'
import { runLoad } from '../load/run-load.ts'
import { median } from '../load/samples.ts'
import { backgroundStreams, type ModelCase } from './cases.ts'

export interface Server {
  readonly name: 'mlx-mesh' | 'mlx_lm.server'
  readonly url: string
  /** What the server calls the model. */
  readonly model: string
}

const withinMs = 180_000
const settleMs = 1_000
/** Now and then a model ends its answer by itself; it does so at both servers. */
const leastShare = 0.9

/** As many streams at once, all of the same length. */
export async function measureStreams(
  server: Server,
  modelCase: ModelCase,
  streams: number,
  salt: string,
): Promise<LoadResult> {
  const maxTokens = modelCase.maxTokens[streams] ?? 1
  const result = await runLoad(
    planOf(server, { streams, requests: streams, maxTokens, salt: `${salt} ${streams}` }),
  )
  const complaint = Object.keys(result.errors)[0]
  if (complaint !== undefined) throw new Error(`${server.name}: ${complaint}`)
  if (result.tokens < leastShare * streams * maxTokens) {
    throw new Error(`${server.name} ended early: ${result.tokens} tokens, not ${streams * maxTokens}`)
  }
  return result
}

/** Median time to the first token of requests that come one by one while others decode, in milliseconds. */
export async function measureLateArrival(
  server: Server,
  { backgroundTokens, lateArrivals }: ModelCase,
  salt: string,
): Promise<number> {
  const background = planOf(server, {
    streams: backgroundStreams,
    requests: backgroundStreams,
    maxTokens: backgroundTokens,
    salt: `${salt} background`,
  })
  const giveUp = new AbortController()
  const running = runLoad(background, giveUp.signal)
  const firstTokenMs: number[] = []
  for (let i = 0; i < lateArrivals; i++) {
    // Not in step with anything that a server does by the clock.
    await sleep(400 + ((i * 137) % 500))
    const late = await runLoad(
      planOf(server, { streams: 1, requests: 1, maxTokens: 4, salt: `${salt} late ${i}` }),
    )
    firstTokenMs.push((late.firstToken?.p50 ?? Number.NaN) / 1e3)
  }
  giveUp.abort()
  await running
  await sleep(settleMs) // until the server has noticed
  return median(firstTokenMs)
}

interface Ask {
  readonly streams: number
  readonly requests: number
  readonly maxTokens: number
  /** Makes prompts that no cache knows. */
  readonly salt: string
}

function planOf(server: Server, { streams, requests, maxTokens, salt }: Ask): LoadPlan {
  const bodies = Array.from({ length: requests }, (_, i) =>
    JSON.stringify({
      model: server.model,
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0,
      max_tokens: maxTokens,
      messages: [
        { role: 'user', content: `${salt} ${i}. Tell a long story about a lighthouse, with every detail.` },
      ],
    }),
  )
  return {
    url: `${server.url}/v1/chat/completions`,
    bodies,
    streaming: true,
    connections: streams,
    pace: { type: 'closed' },
    stop: { type: 'count', requests, withinMs },
    expectTokens: null,
    drainMs: 0,
    watchPid: null,
  }
}
