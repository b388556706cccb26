import { median } from '../load/samples.ts'
import { needMachines } from '../programs/need-machines.ts'
import { atLeast, atMost } from '../report/check.ts'
import type { BenchOptions, Report } from '../report/report.ts'
import { allAtOnce, firstRequest, lateJoiner } from './meeting.ts'
import { measureTransit } from './transit.ts'

export async function benchMesh({ rounds, quick }: BenchOptions): Promise<Report> {
  needMachines()
  const late = await repeat('a late joiner', rounds, lateJoiner)
  const five = await repeat('five at once', rounds, allAtOnce)
  const first = await repeat('the first request', rounds, firstRequest)
  const transits = await measureTransit(rounds, quick ? 1_500 : 5_000)
  const p95s = transits.map(({ local, remote }) =>
    [local, remote].map(r => (r.tokenTransit?.p95 ?? Number.NaN) / 1e3),
  )
  const added = median(p95s.map(([local = Number.NaN, remote = Number.NaN]) => remote - local))
  const besideP50s = transits.map(({ beside }) => (beside.tokenTransit?.p50 ?? Number.NaN) / 1e3)
  const many = transits.map(transit => transit.many)
  const wrong = transits.flatMap(({ local, remote, beside, many }) =>
    [local, remote, beside, many].map(
      r => r.lostTokens + Object.values(r.errors).reduce((sum, n) => sum + n, 0),
    ),
  )
  return {
    notes: [
      'Machines are network namespaces joined by a bridge, all on these cores; peers are members of one mesh, with mutual TLS between them. Times run from the command that starts the peer, the start of Node included.',
      'Transit: from the moment at which a token is made to its arrival at the client, 16 streams of 50 tokens/s, asked on the Mac that generates and on another one.',
    ],
    checks: [
      atMost('a late joiner until all see all, longest', Math.max(...late) / 1e3, 2, 's'),
      atMost('5 peers started at once until all see all, longest', Math.max(...five) / 1e3, 4, 's'),
      atMost('a new peer until it serves another one’s request, longest', Math.max(...first) / 1e3, 5, 's'),
      atMost('remote against local, added to a token’s transit, p95', added, 2, 'ms'),
      atMost('a token’s transit beside chats of 15 MB, p50', median(besideP50s), 19, 'ms'),
      atLeast(
        '100 streams of 100 tokens/s through one gateway',
        median(many.map(r => r.tokensPerS)),
        9_500,
        'tokens/s',
      ),
      atMost('lost tokens and errors', Math.max(...wrong), 0),
    ],
    tables: [
      {
        title: 'Meeting, seconds',
        columns: ['', 'median', 'longest'],
        rows: [
          ['a late joiner sees all and is seen', median(late) / 1e3, Math.max(...late) / 1e3],
          ['five at once', median(five) / 1e3, Math.max(...five) / 1e3],
          ['first request served by a new peer', median(first) / 1e3, Math.max(...first) / 1e3],
        ],
      },
      {
        title: 'Token transit, ms',
        columns: ['', 'p50', 'p95', 'p99'],
        rows: (['local', 'remote', 'beside', 'many'] as const).map(which => [
          whichStreams[which],
          ...(['p50', 'p95', 'p99'] as const).map(rank =>
            median(transits.map(transit => (transit[which].tokenTransit?.[rank] ?? Number.NaN) / 1e3)),
          ),
        ]),
      },
    ],
  }
}

const whichStreams = {
  local: '16 streams, local',
  remote: '16 streams, remote',
  beside: '16 streams, remote, beside chats of 15 MB one after the other',
  many: '100 streams of 100 tokens/s, remote',
} as const

async function repeat(what: string, rounds: number, measure: () => Promise<number>): Promise<number[]> {
  const found: number[] = []
  for (let round = 1; round <= rounds; round++) {
    const tookMs = await measure()
    process.stderr.write(`round ${round}: ${what} ${Math.round(tookMs)} ms\n`)
    found.push(tookMs)
  }
  return found
}
