import { needMachines } from '../programs/need-machines.ts'
import { atLeast, atMost } from '../report/check.ts'
import type { BenchOptions, Report } from '../report/report.ts'
import { formServers } from './servers.ts'
import { measureThroughput } from './throughput.ts'

const servers = 50

export async function benchScale({ quick }: BenchOptions): Promise<Report> {
  needMachines()
  const found = await measureThroughput(quick ? 4_000 : 10_000)
  const alone = found.find(({ workers }) => workers === 1)?.tokensPerS ?? Number.NaN
  const scaled = found.map(each => ({ ...each, perWorker: each.tokensPerS / alone / each.workers }))
  const { formedMs, memoryMB } = await formServers(servers)
  return {
    notes: [
      'Workers are scripted (20 tokens/s a stream, 16 streams at once), each on a machine of its own; one gateway that only controls has all the clients, 24 for each worker. All of it shares these cores.',
      `The ${servers} nats-servers have the settings and certificates of peers, on loopback; each is told of the first. The time runs from the start of the first until each has a route to each.`,
    ],
    checks: [
      atLeast(
        'throughput a worker against that of one alone, least of 2 to 10',
        Math.min(...scaled.map(({ perWorker }) => perWorker)),
        0.97,
        '×',
      ),
      atMost('errors', Math.max(...found.map(({ errors }) => errors)), 0),
      atMost(`${servers} nats-servers until all are joined to all`, formedMs / 1e3, 10, 's'),
      atMost('memory of each of them', memoryMB, 40, 'MB'),
    ],
    tables: [
      {
        title: 'Throughput',
        columns: ['workers', 'tokens/s', 'a worker, against one alone', 'errors'],
        rows: scaled.map(({ workers, tokensPerS, perWorker, errors }) => [
          workers,
          tokensPerS,
          perWorker,
          errors,
        ]),
      },
    ],
  }
}
