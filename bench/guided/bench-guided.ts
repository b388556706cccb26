import { median } from '../load/samples.ts'
import { atMost, type Check } from '../report/check.ts'
import type { BenchOptions, Report, Table } from '../report/report.ts'
import { type Compiled, compileSchemas, p95 } from './compile.ts'
import { type Case, cases, measureCase, type Round } from './streams.ts'

const mostCost = 10
const mostCompileMs = 20

/** What it costs to hold answers to a schema: in tokens/s, and once for each schema. */
export async function benchGuided({ rounds, quick }: BenchOptions): Promise<Report> {
  const measured: (readonly [Case, readonly Round[]])[] = []
  for (const one of quick ? cases.slice(0, 1) : cases) measured.push([one, await measureCase(one, rounds)])
  const compiled = await compileSchemas(quick ? 1 : 10)
  return {
    notes,
    checks: [
      ...measured.map(checkCost),
      atMost(
        `a schema is compiled, p95 of ${compiled.length} schemas`,
        p95(compiled, 'firstMs'),
        mostCompileMs,
        'ms',
      ),
    ],
    tables: [tabulateStreams(measured), tabulateSchemas(compiled)],
  }
}

function checkCost([one, rounds]: readonly [Case, readonly Round[]]): Check {
  return atMost(`tokens/s given up at 16 streams, ${one.name}`, costOf(rounds), mostCost, '%')
}

function costOf(rounds: readonly Round[]): number {
  return median(rounds.map(({ free, guided }) => 100 * (1 - guided / free)))
}

function tabulateStreams(measured: readonly (readonly [Case, readonly Round[]])[]): Table {
  return {
    title: 'Tokens/s of 16 streams',
    columns: ['', 'free', 'guided', 'given up %'],
    rows: measured.map(([one, rounds]) => [
      one.name,
      median(rounds.map(({ free }) => free)),
      median(rounds.map(({ guided }) => guided)),
      costOf(rounds),
    ]),
  }
}

function tabulateSchemas(compiled: readonly Compiled[]): Table {
  return {
    title: 'Compiling a schema, ms',
    columns: ['', 'first time', 'again'],
    rows: compiled.map(({ name, firstMs, againMs }) => [name, median(firstMs), median(againMs)]),
  }
}

const notes = [
  'The engine room and the real runtime, without a gateway. Both kinds of streams are measured in turn on the same process (free guided, guided free, …), with the same prompts at temperature 1 and as many tokens; their ratio is taken within a round.',
  'Guided streams write a list of records (text, integers, numbers, enumerations) that is longer than they may write, so that all 16 run to the end.',
  'Schemas: `bench/guided/schemas.json`, up to 100 properties, with the vocabulary of SmolLM2 (49,152 tokens). First time: from the schema as it came to a grammar that has been tried; again: an equal one.',
]
