import type { LoadResult } from '../load/plan.ts'
import { median } from '../load/samples.ts'
import { atLeast, atMost, type Check } from '../report/check.ts'
import type { Table } from '../report/report.ts'
import { concurrencies, type ModelCase, streamsText } from './cases.ts'
import type { Server } from './measure.ts'

/** What each server did in one round; streams by their number. */
export type Round = ReadonlyMap<Server['name'], { readonly streams: Map<number, LoadResult>; lateMs: number }>

export interface CaseRounds {
  readonly modelCase: ModelCase
  readonly rounds: readonly Round[]
}

type Figure = (round: Round, server: Server['name']) => number

const lateTarget = 0.15

export function judge({ modelCase: { modelId, targets }, rounds }: CaseRounds): Check[] {
  return [
    ...concurrencies.map(streams =>
      atLeast(
        `${modelId}: tokens/s of ${streamsText(streams)} against mlx_lm.server`,
        ratio(rounds, tokensPerS(streams)),
        targets[streams] ?? 1,
        '×',
      ),
    ),
    atMost(
      `${modelId}: first token of a late arrival against mlx_lm.server`,
      ratio(rounds, lateMs),
      lateTarget,
      '×',
    ),
  ]
}

export function tabulate({ modelCase: { modelId }, rounds }: CaseRounds): Table {
  const row = (what: string, figure: Figure) => [
    what,
    ratio(rounds, figure),
    median(rounds.map(round => figure(round, 'mlx-mesh'))),
    median(rounds.map(round => figure(round, 'mlx_lm.server'))),
  ]
  return {
    title: modelId,
    columns: ['', 'ratio', 'mlx-mesh', 'mlx_lm.server'],
    rows: [
      ...concurrencies.map(streams => row(`tokens/s, ${streamsText(streams)}`, tokensPerS(streams))),
      ...concurrencies.map(streams =>
        row(`first token p50 ms, ${streamsText(streams)}`, firstTokenMs(streams)),
      ),
      row('first token of a late arrival, ms', lateMs),
    ],
  }
}

function ratio(rounds: readonly Round[], figure: Figure): number {
  return median(rounds.map(round => figure(round, 'mlx-mesh') / figure(round, 'mlx_lm.server')))
}

function tokensPerS(streams: number): Figure {
  return (round, server) => round.get(server)?.streams.get(streams)?.tokensPerS ?? Number.NaN
}

function firstTokenMs(streams: number): Figure {
  return (round, server) => (round.get(server)?.streams.get(streams)?.firstToken?.p50 ?? Number.NaN) / 1e3
}

const lateMs: Figure = (round, server) => round.get(server)?.lateMs ?? Number.NaN
