import type { LoadResult } from '../load/plan.ts'
import { median } from '../load/samples.ts'
import type { Table } from '../report/report.ts'
import type { Measured } from './bench-gateway.ts'
import { compareRounds, countErrors, cpuUsPerToken, of, requestsPerCpuS } from './judge.ts'
import type { TargetName } from './targets.ts'

type Column = readonly [name: string, figure: (result: LoadResult) => number]

const requestColumns: readonly Column[] = [
  ['requests/s', result => result.requestsPerS],
  ['requests per CPU second', requestsPerCpuS],
  ['p50 ms', result => of('latency', 'p50')(result) / 1e3],
  ['p95 ms', result => of('latency', 'p95')(result) / 1e3],
  ['p99 ms', result => of('latency', 'p99')(result) / 1e3],
  ['errors', countErrors],
]

const streamColumns: readonly Column[] = [
  ['tokens/s', result => result.tokensPerS],
  ['CPU µs a token', cpuUsPerToken],
  ['first token p50 ms', result => of('firstToken', 'p50')(result) / 1e3],
  ['first token p95 ms', result => of('firstToken', 'p95')(result) / 1e3],
  ['transit p50 ms', result => of('tokenTransit', 'p50')(result) / 1e3],
  ['transit p95 ms', result => of('tokenTransit', 'p95')(result) / 1e3],
  ['lost tokens', result => result.lostTokens],
  ['errors', countErrors],
]

/** One table for requests and one for streams, a row for each scenario and target. */
export function tabulate(measured: Measured): Table[] {
  const isStream = (scenario: string) => scenario.includes('stream')
  return [
    ratios(measured),
    table('Short answers', requestColumns, scenario => !isStream(scenario)),
    table('Streams', streamColumns, isStream),
  ]

  function table(title: string, columns: readonly Column[], belongs: (scenario: string) => boolean): Table {
    const rows = [...measured].flatMap(([scenario, targets]) =>
      belongs(scenario)
        ? [...targets].map(([target, results]) => [
            scenario,
            target,
            ...columns.map(([, figure]) => median(results.map(figure))),
          ])
        : [],
    )
    return { title, columns: ['', '', ...columns.map(([name]) => name)], rows }
  }
}

const compareTo: readonly TargetName[] = ['nginx', 'node:http proxy', 'direct']

/** Above 1 the mesh is better. */
function ratios(measured: Measured): Table {
  const rows = [...measured].map(([scenario, targets]) => {
    const figures: readonly ((result: LoadResult) => number)[] = scenario.includes('stream')
      ? [result => 1 / of('tokenTransit', 'p95')(result), result => 1 / cpuUsPerToken(result)]
      : [result => result.requestsPerS, requestsPerCpuS]
    return [
      scenario,
      ...compareTo.flatMap(other =>
        figures.map(figure =>
          compareRounds(targets.get('mesh') ?? [], targets.get(other) ?? [], figure, (mesh, it) => mesh / it),
        ),
      ),
    ]
  })
  return {
    title:
      'Mesh against the others, above 1 is better: requests/s (streams: 1 / transit p95), and the same for each second of CPU',
    columns: ['', ...compareTo.flatMap(other => [other, `${other}, CPU`])],
    rows,
  }
}
