import type { LoadPlan } from '../load/plan.ts'
import { runLoad } from '../load/run-load.ts'
import { median } from '../load/samples.ts'
import { type Peer, startPeer } from '../programs/peer.ts'
import { starterModelFolder } from '../programs/places.ts'
import { withTemporaryFolder } from '../programs/temporary-folder.ts'
import { atLeast, atMost } from '../report/check.ts'
import type { BenchOptions, Report } from '../report/report.ts'

const model = 'SmolLM2-135M-Instruct'
const withinMs = 600_000
/** 18 tokens. */
const sentence = 'The keeper wrote down the wind, the tide and every ship that passed the lighthouse. '
const longPrompt = sentence.repeat(111)
const requestsBehindLoad = 5

/** What the prefix cache and the warm-up save of the time until the first token, with a real model. */
export async function benchFirstToken({ rounds }: BenchOptions): Promise<Report> {
  const repeats: Repeat[] = []
  const starts: (readonly number[])[] = []
  for (let round = 0; round < rounds; round++) {
    await withTemporaryFolder(async home => {
      const models = { [model]: starterModelFolder }
      const peer = await startPeer({ home, place: 'anywhere', engine: 'mlx', models, load: model })
      try {
        starts.push(await timeFirstRequests(peer, round))
        repeats.push(await timeRepeat(peer, round))
      } finally {
        await peer.stop()
      }
    })
    process.stderr.write(`round ${round + 1}: ${describe(starts.at(-1), repeats.at(-1))}\n`)
  }
  return report(repeats, starts)
}

interface Repeat {
  readonly newMs: number
  readonly repeatedMs: number
}

async function timeRepeat(peer: Peer, round: number): Promise<Repeat> {
  const prompt = `Logbook ${round}. ${longPrompt}`
  return { newMs: await firstTokenMs(peer, prompt), repeatedMs: await firstTokenMs(peer, prompt) }
}

/** Short prompts, each new, one after the other, from the moment that the model is said to be ready. */
async function timeFirstRequests(peer: Peer, round: number): Promise<number[]> {
  const times: number[] = []
  for (let n = 0; n < requestsBehindLoad; n++)
    times.push(await firstTokenMs(peer, `${round} ${n}: tell a story about a lighthouse.`))
  return times
}

async function firstTokenMs(peer: Peer, content: string): Promise<number> {
  const body = { model, stream: true, temperature: 0, max_tokens: 4, messages: [{ role: 'user', content }] }
  const plan: LoadPlan = {
    url: `${peer.url}/v1/chat/completions`,
    bodies: [JSON.stringify(body)],
    streaming: true,
    connections: 1,
    pace: { type: 'closed' },
    stop: { type: 'count', requests: 1, withinMs },
    expectTokens: null,
    drainMs: 0,
    watchPid: null,
  }
  const { errors, firstToken } = await runLoad(plan)
  const complaint = Object.keys(errors)[0]
  if (complaint !== undefined || !firstToken) throw new Error(complaint ?? 'no token came')
  return firstToken.p50 / 1e3
}

function report(repeats: readonly Repeat[], starts: readonly (readonly number[])[]): Report {
  const gain = median(repeats.map(({ newMs, repeatedMs }) => newMs / repeatedMs))
  const nth = (n: number) => median(starts.map(times => times[n] ?? Number.NaN))
  const firstOverFifth = median(starts.map(times => (times[0] ?? Number.NaN) / (times.at(-1) ?? Number.NaN)))
  return {
    notes: [
      'A new peer in each round: the model is loaded, five short prompts are asked one after the other, then a prompt of about 2,000 tokens that nobody knows, and the same one again. Ratios are taken within a round; their median counts.',
      'On a CPU nothing is compiled, so what the warm-up saves there is first uses of memory; on a GPU it is the build of kernels, too.',
    ],
    checks: [
      atLeast(`${model}: a repeated prompt of 2,000 tokens starts sooner than the first time`, gain, 5, '×'),
      atMost(`${model}: first request after the load against the fifth`, firstOverFifth, 1.5, '×'),
    ],
    tables: [
      {
        title: 'Time to the first token, median',
        columns: ['', 'ms'],
        rows: [
          ['2,000 tokens, new', median(repeats.map(({ newMs }) => newMs))],
          ['2,000 tokens, again', median(repeats.map(({ repeatedMs }) => repeatedMs))],
          ['first request after the load', nth(0)],
          ['second', nth(1)],
          ['fifth', nth(requestsBehindLoad - 1)],
        ],
      },
    ],
  }
}

function describe(times: readonly number[] = [], repeat: Repeat = { newMs: 0, repeatedMs: 0 }): string {
  const each = times.map(ms => Math.round(ms)).join(', ')
  return `after the load ${each} ms; 2,000 tokens ${Math.round(repeat.newMs)} ms, again ${Math.round(repeat.repeatedMs)} ms`
}
