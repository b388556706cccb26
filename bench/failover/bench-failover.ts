import { type Distribution, summarize } from '../load/samples.ts'
import { needMachines } from '../programs/need-machines.ts'
import { atMost } from '../report/check.ts'
import type { BenchOptions, Report } from '../report/report.ts'
import { type Loss, loseOne, type Trial } from './trial.ts'

const losses: readonly Loss[] = ['killed', 'unplugged']

export async function benchFailover({ rounds }: BenchOptions): Promise<Report> {
  needMachines()
  const trials = new Map<Loss, Trial[]>()
  for (let round = 1; round <= rounds; round++) {
    for (const loss of losses) {
      const trial = await loseOne(loss)
      process.stderr.write(`round ${round}, ${loss}: ${JSON.stringify(trial)}\n`)
      trials.set(loss, [...(trials.get(loss) ?? []), trial])
    }
  }
  const of = (loss: Loss) => trials.get(loss) ?? []
  const gaps = (loss: Loss) => summarize(of(loss).flatMap(({ gapsMs }) => gapsMs))
  const avoided = (loss: Loss) => summarize(of(loss).map(({ avoidedAfterMs }) => avoidedAfterMs))
  const broken = [...trials.values()].flat().reduce((sum, trial) => sum + trial.broken, 0)
  return {
    notes: [
      'Machines are network namespaces: a gateway that only controls, and three scripted workers (100 tokens/s, no prefill). 16 streams of 4 s are under way when one worker is lost after 1 s; from then on a new request comes every 20 ms for 4 s.',
      'A gap is the longest pause in a stream that the lost worker served. A worker is avoided from the last new request on that waited more than 150 ms for its first token.',
    ],
    checks: [
      atMost('pause of a stream whose worker is killed, p95', seconds(gaps('killed'), 'p95'), 1, 's'),
      atMost('pause of a stream whose worker is unplugged, p95', seconds(gaps('unplugged'), 'p95'), 2.5, 's'),
      atMost(
        'new requests avoid a killed worker after, longest',
        seconds(avoided('killed'), 'max'),
        0.1,
        's',
      ),
      atMost(
        'new requests avoid an unplugged worker after, longest',
        seconds(avoided('unplugged'), 'max'),
        3,
        's',
      ),
      atMost('streams and requests that broke', broken, 0),
    ],
    tables: [
      {
        title: 'Pauses of streams, seconds',
        columns: ['', 'streams', 'p50', 'p95', 'longest', 'new requests wait until'],
        rows: losses.map(loss => [
          loss,
          gaps(loss)?.count ?? 0,
          seconds(gaps(loss), 'p50'),
          seconds(gaps(loss), 'p95'),
          seconds(gaps(loss), 'max'),
          seconds(avoided(loss), 'p50'),
        ]),
      },
    ],
  }
}

function seconds(found: Distribution | null, rank: 'p50' | 'p95' | 'max'): number {
  return (found?.[rank] ?? Number.NaN) / 1e3
}
