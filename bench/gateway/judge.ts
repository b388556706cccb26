import type { LoadResult } from '../load/plan.ts'
import type { Distribution } from '../load/samples.ts'
import { median } from '../load/samples.ts'
import { atLeast, atMost, type Check } from '../report/check.ts'
import type { Measured } from './bench-gateway.ts'
import type { TargetName } from './targets.ts'

type Figure = (result: LoadResult) => number

/** The budget of the gateway, against what the same rounds gave for the others. */
export function judge(measured: Measured, routingMs: number): Check[] {
  const results = (scenario: string, target: TargetName) => measured.get(scenario)?.get(target) ?? []
  const own = (scenario: string, figure: Figure) => median(results(scenario, 'mesh').map(figure))
  const compared = (scenario: string, other: TargetName, figure: Figure, compare: Compare) =>
    compareRounds(results(scenario, 'mesh'), results(scenario, other), figure, compare)
  const added = (scenario: string, figure: Figure) =>
    compared(scenario, 'direct', figure, (mesh, direct) => (mesh - direct) / 1e3)
  const streams = ['1 short stream', '1 stream', '16 streams', '100 streams']
  const lost = streams.flatMap(scenario => results(scenario, 'mesh')).map(result => result.lostTokens)
  const errors = [...measured.values()].flatMap(targets => targets.get('mesh') ?? []).map(countErrors)

  return [
    atLeast(
      'requests for each second of CPU at 100 connections, against nginx',
      compared('100 connections', 'nginx', requestsPerCpuS, (mesh, nginx) => mesh / nginx),
      0.25,
      '×',
    ),
    atLeast(
      'requests/s at 100 connections, against nginx',
      compared(
        '100 connections',
        'nginx',
        result => result.requestsPerS,
        (mesh, nginx) => mesh / nginx,
      ),
      0.25,
      '×',
    ),
    atMost('added latency at 1 connection, p50', added('1 connection', of('latency', 'p50')), 0.25, 'ms'),
    atMost('added latency at 1 connection, p95', added('1 connection', of('latency', 'p95')), 0.5, 'ms'),
    atMost('added to the first token, p95', added('1 short stream', of('firstToken', 'p95')), 0.5, 'ms'),
    atMost('token transit at 16 streams, p95', own('16 streams', of('tokenTransit', 'p95')) / 1e3, 0.5, 'ms'),
    atMost('CPU a token at 5,500 tokens/s (16 streams)', own('16 streams', cpuUsPerToken), 30, 'µs'),
    atLeast(
      'answers at 10,000 requests/s, open loop',
      own('10,000 requests/s', r => r.requestsPerS),
      9_900,
      '/s',
    ),
    atMost('lost tokens', sum(lost), 0),
    atMost('errors', sum(errors), 0),
    atMost('routing decision among 50 workers, p95', routingMs, 0.05, 'ms'),
  ]
}

type Compare = (mine: number, other: number) => number

/** The median over the rounds of what comparing the figures of the same round gives. */
export function compareRounds(
  mine: readonly LoadResult[],
  others: readonly LoadResult[],
  figure: Figure,
  compare: Compare,
): number {
  return median(
    mine.flatMap((result, round) => {
      const other = others[round]
      return other ? [compare(figure(result), figure(other))] : []
    }),
  )
}

export function of(what: 'latency' | 'firstToken' | 'tokenTransit', rank: keyof Distribution): Figure {
  return result => result[what]?.[rank] ?? Number.NaN
}

export const cpuUsPerToken: Figure = result => (result.watchedCpuUsPerS ?? Number.NaN) / result.tokensPerS

export const requestsPerCpuS: Figure = result =>
  result.requestsPerS / ((result.watchedCpuUsPerS ?? Number.NaN) / 1e6)

export function countErrors(result: LoadResult): number {
  return sum([0, ...Object.values(result.errors)])
}

function sum(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN
  return values.reduce((total, value) => total + value, 0)
}
