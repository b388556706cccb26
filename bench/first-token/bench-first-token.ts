import type { LoadPlan } from '../load/plan.ts'
import { runLoad } from '../load/run-load.ts'
import { median } from '../load/samples.ts'
import { type Peer, startPeer } from '../programs/peer.ts'
import { starterModelFolder, tinyModelFolder } from '../programs/places.ts'
import { withTemporaryFolder } from '../programs/temporary-folder.ts'
import { atLeast, atMost } from '../report/check.ts'
import type { BenchOptions, Report } from '../report/report.ts'

/** A fast model, whose own work hides nothing of what is around it, and a real one. */
const cases = [
  { model: 'tiny', folder: tinyModelFolder, judgesStart: false },
  { model: 'SmolLM2-135M-Instruct', folder: starterModelFolder, judgesStart: true },
]
/** A CPU reads 2,000 tokens of the real model in two minutes. */
const withinMs = 900_000
/** 18 tokens. */
const sentence = 'The keeper wrote down the wind, the tide and every ship that passed the lighthouse. '
const longPrompt = sentence.repeat(111)
const requestsBehindLoad = 5

/** What the prefix cache and the warm-up save of the time until the first token. */
export async function benchFirstToken({ rounds, quick }: BenchOptions): Promise<Report> {
  const reports: Report[] = []
  for (const { model, folder, judgesStart } of quick ? cases.slice(0, 1) : cases) {
    const measured: Round[] = []
    for (let round = 0; round < rounds; round++) {
      const found = await withTemporaryFolder(home => measureRound(home, model, folder, round))
      measured.push(found)
      process.stderr.write(`round ${round + 1}, ${model}: ${describe(found)}\n`)
    }
    reports.push(report(model, judgesStart, measured))
  }
  return {
    notes,
    checks: reports.flatMap(({ checks }) => checks),
    tables: reports.flatMap(({ tables }) => tables),
  }
}

async function measureRound(home: string, model: string, folder: string, round: number): Promise<Round> {
  const models = { [model]: folder }
  const peer = await startPeer({ home, place: 'anywhere', engine: 'mlx', models, load: model })
  try {
    const ask = (prompt: Prompt) => firstTokenMs(peer, model, prompt)
    const startsMs: number[] = []
    for (let n = 0; n < requestsBehindLoad; n++)
      startsMs.push(await ask({ who: `${round} ${n} storyteller`, what: 'Tell a story about a lighthouse.' }))
    const long = { who: `${round} logbook`, what: longPrompt }
    return { startsMs, newMs: await ask(long), repeatedMs: await ask(long) }
  } finally {
    await peer.stop()
  }
}

interface Round {
  /** Short prompts, each new, one after the other, from the moment that the model is said to be ready. */
  readonly startsMs: readonly number[]
  /** A long prompt, and the same once more. */
  readonly newMs: number
  readonly repeatedMs: number
}

/** `who` comes first, and is new where nothing is to come out of the cache. */
interface Prompt {
  readonly who: string
  readonly what: string
}

async function firstTokenMs(peer: Peer, model: string, { who, what }: Prompt): Promise<number> {
  const messages = [
    { role: 'system', content: who },
    { role: 'user', content: what },
  ]
  const body = { model, stream: true, temperature: 0, max_tokens: 4, messages }
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

function report(model: string, judgesStart: boolean, rounds: readonly Round[]): Report {
  const over = (figure: (round: Round) => number | undefined) =>
    median(rounds.map(round => figure(round) ?? Number.NaN))
  const gain = over(({ newMs, repeatedMs }) => newMs / repeatedMs)
  const firstOverFifth = over(({ startsMs }) => (startsMs[0] ?? Number.NaN) / (startsMs.at(-1) ?? Number.NaN))
  return {
    notes,
    checks: [
      atLeast(`${model}: a repeated prompt of 2,000 tokens starts sooner than the first time`, gain, 5, '×'),
      ...(judgesStart
        ? [atMost(`${model}: first request after the load against the fifth`, firstOverFifth, 1.5, '×')]
        : []),
    ],
    tables: [
      {
        title: `${model}: time to the first token, median`,
        columns: ['', 'ms'],
        rows: [
          ['2,000 tokens, new', over(({ newMs }) => newMs)],
          ['2,000 tokens, again', over(({ repeatedMs }) => repeatedMs)],
          ['first request after the load', over(({ startsMs }) => startsMs[0])],
          ['second', over(({ startsMs }) => startsMs[1])],
          ['fifth', over(({ startsMs }) => startsMs.at(-1))],
        ],
      },
    ],
  }
}

function describe({ startsMs, newMs, repeatedMs }: Round): string {
  const each = startsMs.map(ms => Math.round(ms)).join(', ')
  return `after the load ${each} ms; 2,000 tokens ${Math.round(newMs)} ms, again ${Math.round(repeatedMs)} ms`
}

const notes = [
  'A new peer in each round: the model is loaded, five short prompts are asked one after the other, then a prompt of about 2,000 tokens that nobody knows, and the same one again. Ratios are taken within a round; their median counts.',
  'On a CPU nothing is compiled, so what the warm-up saves there is first uses of memory; on a GPU it is the build of kernels, too. The fast model has no target there: what its first request waits for is Node.js, not the model.',
]
