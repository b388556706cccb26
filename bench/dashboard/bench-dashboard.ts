import { fileURLToPath } from 'node:url'
import { startMesh } from '../gateway/mesh.ts'
import { type Scenario, scenarios } from '../gateway/scenarios.ts'
import type { LoadResult } from '../load/plan.ts'
import { median, summarize } from '../load/samples.ts'
import { startLoad } from '../load/start-load.ts'
import { pinningNote } from '../programs/cores.ts'
import { startProgram } from '../programs/program.ts'
import { withTemporaryFolder } from '../programs/temporary-folder.ts'
import { atLeast, atMost } from '../report/check.ts'
import type { BenchOptions, Report, Table } from '../report/report.ts'
import { type EventDelays, measureDelays } from './event-delays.ts'

const listener = fileURLToPath(new URL('listener.ts', import.meta.url))
const dashboards = 3
const loads = ['100 connections', '10,000 requests/s']
const delayKinds = ['begun', 'ended', 'paused'] as const

/** One scenario in one round: nobody listens, then dashboards do, or the other way about. */
interface Pair {
  readonly name: string
  readonly alone: LoadResult
  readonly watched: LoadResult
}

export function benchDashboard(options: BenchOptions): Promise<Report> {
  return withTemporaryFolder(folder => measureIn(folder, options))
}

async function measureIn(folder: string, { rounds, quick }: BenchOptions): Promise<Report> {
  const mesh = await startMesh(folder)
  const pairs: Pair[] = []
  const delays: EventDelays[] = []
  const plans = scenarios(quick ? 900 : 3_000).filter(({ name }) => loads.includes(name))
  try {
    for (const scenario of plans) await startLoad(scenario.plan(mesh.url, mesh.pid), 'others')
    for (let round = 0; round < rounds; round++) {
      delays.push(await measureDelays(mesh.url, quick ? 10 : 40))
      for (const scenario of plans) {
        pairs.push(await measurePair(scenario, mesh, round % 2 === 0))
        process.stderr.write(`round ${round + 1}: ${scenario.name}\n`)
      }
    }
  } finally {
    await Promise.all(mesh.programs.map(program => program.stop()))
  }
  return report(pairs, delays)
}

async function measurePair(
  { name, plan }: Scenario,
  mesh: { readonly url: string; readonly pid: number },
  aloneFirst: boolean,
): Promise<Pair> {
  const load = () => startLoad(plan(mesh.url, mesh.pid), 'others')
  const whileWatched = async () => {
    const program = await startProgram({
      name: 'dashboards',
      command: process.execPath,
      args: [listener, `${mesh.url.replace('http', 'ws')}/ws/dashboard`, String(dashboards)],
      place: 'others',
      ready: /^ready$/,
      readyWithinMs: 10_000,
    })
    try {
      return await load()
    } finally {
      await program.stop()
    }
  }
  if (!aloneFirst) {
    const watched = await whileWatched()
    return { name, watched, alone: await load() }
  }
  return { name, alone: await load(), watched: await whileWatched() }
}

function report(pairs: readonly Pair[], delays: readonly EventDelays[]): Report {
  const of = (name: string) => pairs.filter(pair => pair.name === name)
  const ratio = (name: string, figure: (result: LoadResult) => number) =>
    median(of(name).map(({ alone, watched }) => figure(watched) / figure(alone)))
  const p95 = (kind: (typeof delayKinds)[number]) =>
    summarize(delays.flatMap(each => each[kind]))?.p95 ?? Number.NaN
  return {
    notes: [
      pinningNote,
      `A peer that only controls (under test) and a worker with scripted tokens. ${dashboards} dashboards, in a process on core 1, read everything; with and without them each load runs within the same round, and the median of the ratios over the rounds counts.`,
      'An event is measured from when its cause was sent by HTTP to when a WebSocket has it; the end of a request from when its answer was here.',
    ],
    checks: [
      atMost('a request has begun: heard of after, p95', p95('begun'), 60, 'ms'),
      atMost('a request has ended: heard of after, p95', p95('ended'), 60, 'ms'),
      atMost('a Mac has changed: heard of after, p95', p95('paused'), 60, 'ms'),
      atLeast(
        `requests/s at 100 connections with ${dashboards} dashboards open, of those with none`,
        ratio('100 connections', ({ requestsPerS }) => requestsPerS),
        0.95,
      ),
      atMost(
        `CPU time of a request at 10,000 requests/s with ${dashboards} dashboards open, of that with none`,
        ratio('10,000 requests/s', cpuUsEach),
        1.05,
      ),
    ],
    tables: [loadTable(of), delayTable(delays)],
  }
}

function loadTable(of: (name: string) => readonly Pair[]): Table {
  const row = (name: string, who: 'alone' | 'watched') => {
    const figure = (read: (result: LoadResult) => number) => median(of(name).map(pair => read(pair[who])))
    return [
      name,
      who === 'alone' ? 0 : dashboards,
      figure(({ requestsPerS }) => requestsPerS),
      figure(({ latency }) => (latency?.p50 ?? Number.NaN) / 1000),
      figure(({ latency }) => (latency?.p95 ?? Number.NaN) / 1000),
      figure(cpuUsEach),
      figure(({ errors }) => Object.values(errors).reduce((sum, count) => sum + count, 0)),
    ]
  }
  return {
    title: 'Load with and without dashboards',
    columns: ['', 'dashboards', 'requests/s', 'p50 ms', 'p95 ms', 'CPU µs a request', 'errors'],
    rows: loads.flatMap(name => [row(name, 'alone'), row(name, 'watched')]),
  }
}

function delayTable(delays: readonly EventDelays[]): Table {
  const names = { begun: 'a request has begun', ended: 'a request has ended', paused: 'a Mac has changed' }
  return {
    title: 'From a cause to its event at a dashboard, ms',
    columns: ['', 'events', 'p50', 'p95', 'longest'],
    rows: delayKinds.map(kind => {
      const found = summarize(delays.flatMap(each => each[kind]))
      return [names[kind], found?.count ?? 0, found?.p50 ?? null, found?.p95 ?? null, found?.max ?? null]
    }),
  }
}

function cpuUsEach({ watchedCpuUsPerS, requestsPerS }: LoadResult): number {
  return (watchedCpuUsPerS ?? Number.NaN) / requestsPerS
}
