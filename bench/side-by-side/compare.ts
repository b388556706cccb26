import { median } from '../load/samples.ts'
import { atMost, type Check } from '../report/check.ts'
import type { Report, Table } from '../report/report.ts'
import type { Losses, Speed, Speeds } from './bench-side-by-side.ts'
import type { Broken, Loss } from './broken.ts'
import type { System } from './systems.ts'

/** A row for each figure; ours must win each. */
export function report(speeds: Speeds, losses: Losses, connections: number): Report {
  const rows: Row[] = [
    ['added to the first byte, p50, ms', added(speeds, speed => speed.firstByteP50Ms), 'least'],
    ['added to the first byte, p95, ms', added(speeds, speed => speed.firstByteP95Ms), 'least'],
    [`requests/s over ${connections} connections`, name => figure(speeds, name, s => s.requestsPerS), 'most'],
    ['errors while nothing was wrong', name => figure(speeds, name, s => s.errors), 'least'],
    ['requests broken when a Mac is killed', name => broken(losses, name, 'killed'), 'least'],
    ['requests broken when a Mac is unplugged', name => broken(losses, name, 'unplugged'), 'least'],
  ]
  return {
    notes: [
      'Three machines (network namespaces joined by a bridge): one with the apps and the router, two with scripted back ends. For ollama-herd 0.11.4 these speak Ollama’s interface, with one of its nodes beside each (FLEET_NODE_TELEMETRY=false, otherwise its own settings); for the mesh they are peers, and the router is one that only controls. Nothing is pinned.',
      '`direct` is a back end without anything before it, on another machine than the apps; added is what a system takes longer in the same round.',
      'Broken: of 16 streams of 4 s, those that ended with an error, without their last word, with less text than asked for, or not within 30 s, when one of the two generating Macs was lost after 1.5 s. Mean of the rounds.',
      ...reasons(losses),
    ],
    checks: rows.map(([what, of, better]) => against(what, of('mlx-mesh'), of('ollama-herd'), better)),
    tables: [
      {
        title: 'Side by side',
        columns: ['', 'mlx-mesh', 'ollama-herd 0.11.4'],
        rows: rows.map(([what, of]) => [what, of('mlx-mesh'), of('ollama-herd')]),
      },
      absolute(speeds),
    ],
  }
}

type Row = readonly [what: string, of: (name: System['name']) => number, better: 'least' | 'most']

/** Equal is won only where nothing better can be. */
function against(what: string, ours: number, theirs: number, better: Row[2]): Check {
  return better === 'least'
    ? atMost(`${what}: ours against theirs`, ours, theirs)
    : { what: `${what}: ours against theirs`, measured: ours, unit: '', target: theirs, atMost: false }
}

function figure(speeds: Speeds, name: System['name'], of: (speed: Speed) => number): number {
  return median((speeds.get(name) ?? []).map(of))
}

function added(speeds: Speeds, of: (speed: Speed) => number): (name: System['name']) => number {
  const base = speeds.get('direct') ?? []
  return name =>
    median(
      (speeds.get(name) ?? []).map(
        (speed, round) => of(speed) - (base[round] ? of(base[round]) : Number.NaN),
      ),
    )
}

function broken(losses: Losses, name: System['name'], loss: Loss): number {
  const rounds = losses.get(name)?.get(loss) ?? []
  return rounds.reduce((sum, round) => sum + round.broken, 0) / rounds.length
}

function reasons(losses: Losses): string[] {
  return [...losses].flatMap(([name, byLoss]) =>
    [...byLoss].flatMap(([loss, rounds]) => {
      const counts = countReasons(rounds)
      return counts === '' ? [] : [`${name}, ${loss}: ${counts}.`]
    }),
  )
}

function countReasons(rounds: readonly Broken[]): string {
  const counts = new Map<string, number>()
  for (const { reasons } of rounds) {
    for (const [reason, count] of reasons) counts.set(reason, (counts.get(reason) ?? 0) + count)
  }
  return [...counts].map(([reason, count]) => `${count} × “${reason}”`).join(', ')
}

function absolute(speeds: Speeds): Table {
  return {
    title: 'Absolute',
    columns: ['', 'first byte p50 ms', 'p95 ms', 'requests/s', 'errors'],
    rows: [...speeds.keys()].map(name => [
      name,
      figure(speeds, name, s => s.firstByteP50Ms),
      figure(speeds, name, s => s.firstByteP95Ms),
      figure(speeds, name, s => s.requestsPerS),
      figure(speeds, name, s => s.errors),
    ]),
  }
}
