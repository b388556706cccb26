import type { LoadResult } from '../load/plan.ts'
import { startLoad } from '../load/start-load.ts'
import { pinningNote } from '../programs/cores.ts'
import { withTemporaryFolder } from '../programs/temporary-folder.ts'
import type { BenchOptions, Report } from '../report/report.ts'
import { measureGeneratorLimit } from './generator-limit.ts'
import { judge } from './judge.ts'
import { measureRouting } from './routing-decision.ts'
import { scenarios } from './scenarios.ts'
import { tabulate } from './tables.ts'
import { startTargets, type Target, type TargetName } from './targets.ts'

/** Scenario → target → its result in each round. */
export type Measured = ReadonlyMap<string, ReadonlyMap<TargetName, readonly LoadResult[]>>

/** Everything stays up; each round takes each scenario to each target in turn, so that a slow minute hits them all. */
export function benchGateway(options: BenchOptions): Promise<Report> {
  return withTemporaryFolder(folder => compareIn(folder, options))
}

async function compareIn(folder: string, { rounds, quick }: BenchOptions): Promise<Report> {
  const { targets, skipped, stop } = await startTargets(folder)
  const measured = new Map<string, Map<TargetName, LoadResult[]>>()
  try {
    const generatorLimit = await measureGeneratorLimit(quick ? 500 : 2_000)
    await warmUp(targets, quick ? 500 : 4_000)
    for (let round = 0; round < rounds; round++) {
      for (const { name, plan } of scenarios(quick ? 900 : 3_000)) {
        for (const target of targets) {
          const result = await startLoad(plan(target.url, target.pid), 'others')
          const results = measured.get(name) ?? new Map<TargetName, LoadResult[]>()
          measured.set(name, results.set(target.name, [...(results.get(target.name) ?? []), result]))
          process.stderr.write(`round ${round + 1}: ${name}, ${target.name}${complaints(result)}\n`)
        }
      }
    }
    return {
      notes: [...notes, ...skipped.map(reason => `Skipped: ${reason}.`), generatorLimit],
      checks: judge(measured, measureRouting()),
      tables: tabulate(measured),
    }
  } finally {
    await stop()
  }
}

/** Compilers of all Node processes have done their work before anything counts. */
async function warmUp(targets: readonly Target[], measureMs: number): Promise<void> {
  for (const { plan } of scenarios(measureMs).filter(({ name }) => warmUpScenarios.includes(name))) {
    for (const target of targets) await startLoad(plan(target.url, target.pid), 'others')
  }
}

const warmUpScenarios = ['100 connections', '16 streams']

const notes = [
  pinningNote,
  'Targets are compared in the same round, one after the other; figures are medians over the rounds, of a difference or a ratio too.',
  '`direct` is a bare node:http server that answers with the same kind of bytes; nginx and the node:http proxy stand in front of it. The mesh is two peers, a controller (under test) and a worker with scripted tokens, joined by nats-server.',
  'Core 1 does the work of everyone but the process under test, so it limits requests/s, of nginx most of all; requests for each second of CPU of the process under test say what its core could do. The target is asked of both.',
  'Open loop measures from when a request was due, its own lateness included (50 to 100 µs).',
]

function complaints({ errors }: LoadResult): string {
  return Object.entries(errors)
    .map(([reason, count]) => `\n  ${count} × ${reason}`)
    .join('')
}
