import type { LoadPlan } from '../load/plan.ts'

/** One kind of load, the same for every target. */
export interface Scenario {
  readonly name: string
  readonly plan: (url: string, pid: number | null) => LoadPlan
}

/** 340 tokens a second for each of 16 streams are about 5,500 together; so are 55 for each of 100. */
const streamSpeeds = { 1: 340, 16: 340, 100: 55 }
const streamSeconds = 1
const fewTokens = { streaming: true, model: 'bench-340', tokens: 4 }

export const models = ['bench-0', ...new Set(Object.values(streamSpeeds).map(speed => `bench-${speed}`))]

export function scenarios(measureMs: number): Scenario[] {
  const short = { streaming: false, model: 'bench-0', tokens: 1 }
  const closed = { type: 'closed' } as const
  return [
    scenario('1 connection', { ...short, connections: 1, pace: closed }),
    scenario('100 connections', { ...short, connections: 100, pace: closed }),
    scenario('10,000 requests/s', {
      ...short,
      connections: 200,
      pace: { type: 'open', requestsPerS: 10_000 },
    }),
    // A few tokens each, so that there are many first ones.
    scenario('1 short stream', { ...short, ...fewTokens, connections: 1, pace: closed }),
    ...Object.entries(streamSpeeds).map(([connections, speed]) =>
      scenario(connections === '1' ? '1 stream' : `${connections} streams`, {
        streaming: true,
        model: `bench-${speed}`,
        tokens: speed * streamSeconds,
        connections: Number(connections),
        pace: closed,
      }),
    ),
  ]

  function scenario(name: string, load: Load): Scenario {
    return {
      name,
      plan: (url, watchPid) => ({
        url: `${url}/v1/chat/completions`,
        bodies: [bodyOf(load)],
        streaming: load.streaming,
        connections: load.connections,
        pace: load.pace,
        stop: { type: 'time', warmupMs: measureMs / 3, measureMs },
        expectTokens: load.streaming ? load.tokens : null,
        drainMs: 5_000,
        watchPid,
      }),
    }
  }
}

interface Load {
  readonly streaming: boolean
  readonly model: string
  readonly tokens: number
  readonly connections: number
  readonly pace: LoadPlan['pace']
}

function bodyOf({ model, tokens, streaming }: Load): string {
  return JSON.stringify({
    model,
    max_tokens: tokens,
    temperature: 0,
    ...(streaming ? { stream: true } : {}),
    messages: [
      { role: 'system', content: 'You are a helpful assistant.' },
      { role: 'user', content: 'What is the capital of France, and what is it known for?' },
    ],
  })
}
