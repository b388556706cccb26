import { startMlxLmServer } from '../programs/mlx-lm-server.ts'
import { startPeer } from '../programs/peer.ts'
import { withTemporaryFolder } from '../programs/temporary-folder.ts'
import type { BenchOptions, Report } from '../report/report.ts'
import { concurrencies, type ModelCase, modelCases, streamsText } from './cases.ts'
import { measureLateArrival, measureStreams, type Server } from './measure.ts'
import { type CaseRounds, judge, type Round, tabulate } from './outcome.ts'

/** Both servers are up all the time; each figure is taken from one and then at once from the other. */
export async function benchRuntime({ rounds, quick }: BenchOptions): Promise<Report> {
  const cases: CaseRounds[] = []
  for (const modelCase of quick ? modelCases.slice(0, 1) : modelCases) {
    const caseRounds = quick ? rounds : rounds * modelCase.repeats
    const measured = await withTemporaryFolder(home => measureCase(home, modelCase, caseRounds))
    cases.push({ modelCase, rounds: measured })
  }
  return { notes, checks: cases.flatMap(judge), tables: cases.map(tabulate) }
}

async function measureCase(home: string, modelCase: ModelCase, rounds: number): Promise<Round[]> {
  const { modelId, folder } = modelCase
  const started: { stop(): Promise<void> }[] = []
  try {
    const models = { [modelId]: folder }
    const peer = await startPeer({ home, place: 'anywhere', engine: 'mlx', models, load: modelId })
    started.push(peer)
    const other = await startMlxLmServer(folder)
    started.push(other)
    const mesh: Server = { name: 'mlx-mesh', url: peer.url, model: modelId }
    const mlxLm: Server = { name: 'mlx_lm.server', url: other.url, model: 'default_model' }
    for (const server of [mesh, mlxLm]) await measureStreams(server, modelCase, 4, 'Warm up')

    const measured: Round[] = []
    for (let round = 0; round < rounds; round++) {
      // Who goes first changes from round to round.
      const servers = round % 2 === 0 ? [mesh, mlxLm] : [mlxLm, mesh]
      measured.push(await measureRound(servers, modelCase, round))
    }
    return measured
  } finally {
    await Promise.all(started.map(program => program.stop()))
  }
}

async function measureRound(servers: readonly Server[], modelCase: ModelCase, round: number): Promise<Round> {
  const measured: Round = new Map(
    servers.map(({ name }) => [name, { streams: new Map(), lateMs: Number.NaN }]),
  )
  for (const streams of concurrencies) {
    for (const server of servers) {
      const result = await measureStreams(server, modelCase, streams, `Round ${round}`)
      measured.get(server.name)?.streams.set(streams, result)
      progress(round, server, `${streamsText(streams)}, ${Math.round(result.tokensPerS)} tokens/s`)
    }
  }
  for (const server of servers) {
    const lateMs = await measureLateArrival(server, modelCase, `Round ${round}`)
    const own = measured.get(server.name)
    if (own) own.lateMs = lateMs
    progress(round, server, `late arrival after ${Math.round(lateMs)} ms`)
  }
  return measured
}

function progress(round: number, { name }: Server, what: string): void {
  process.stderr.write(`round ${round + 1}: ${name}, ${what}\n`)
}

const notes = [
  'Both servers are up all the time and asked in turn (A B, B A, …): same model, same prompts at temperature 0, as many tokens, which is checked (now and then an answer ends by itself, at both). Ratios are taken within a round; their median counts.',
  'On a CPU both run with MLX_DISABLE_COMPILE=1. Nothing is pinned: the model takes all cores. Prompts differ from request to request, so that no cache knows them.',
  'Late arrival: requests that come one by one while 4 others decode.',
]
