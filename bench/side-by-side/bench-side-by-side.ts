// The mesh beside ollama-herd: same machines, same load, same kind of back end.
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { chats } from '../load/requests.ts'
import { startLoadOn } from '../load/start-load.ts'
import { installHerd } from '../programs/herd.ts'
import { needMachines } from '../programs/need-machines.ts'
import { withTemporaryFolder } from '../programs/temporary-folder.ts'
import type { BenchOptions, Report } from '../report/report.ts'
import { type Broken, countBroken, type Loss } from './broken.ts'
import { report } from './compare.ts'
import { direct, herdIn, mesh, type Running, type System } from './systems.ts'

export interface Speed {
  readonly firstByteP50Ms: number
  readonly firstByteP95Ms: number
  readonly requestsPerS: number
  readonly errors: number
}

export type Speeds = ReadonlyMap<System['name'], readonly Speed[]>
export type Losses = ReadonlyMap<System['name'], ReadonlyMap<Loss, readonly Broken[]>>

const losses: readonly Loss[] = ['killed', 'unplugged']
const connections = 32

export function benchSideBySide({ rounds, quick }: BenchOptions): Promise<Report> {
  needMachines()
  return withTemporaryFolder(async folder => {
    const programs = await installHerd(join(folder, 'programs'))
    const herd = herdIn(programs, () => mkdtempSync(join(folder, 'home-')))
    const speeds = await measureSpeeds([direct, mesh, herd], rounds, quick ? 1_000 : 4_000)
    return report(speeds, await measureLosses([mesh, herd], rounds), connections)
  })
}

/** All of them stay up, and take turns. */
async function measureSpeeds(systems: readonly System[], rounds: number, measureMs: number): Promise<Speeds> {
  const speeds = new Map<System['name'], Speed[]>()
  const running: [System['name'], Running][] = []
  try {
    for (const system of systems) running.push([system.name, await system.start(0)])
    for (let round = 0; round <= rounds; round++) {
      for (const [name, target] of running) {
        const speed = await measureSpeed(target, measureMs)
        process.stderr.write(`round ${round}: ${name} ${JSON.stringify(speed)}\n`)
        // In the first one, compilers warm up.
        if (round > 0) speeds.set(name, [...(speeds.get(name) ?? []), speed])
      }
    }
  } finally {
    for (const [, target] of running) await target.close()
  }
  return speeds
}

async function measureSpeed({ apps, url, model }: Running, measureMs: number): Promise<Speed> {
  const load = { url, model, measureMs }
  const streams = await startLoadOn(apps, chats({ ...load, tokens: 4, streaming: true, connections: 1 }))
  const short = await startLoadOn(apps, chats({ ...load, tokens: 1, streaming: false, connections }))
  const errors = [streams, short].flatMap(result => Object.values(result.errors))
  return {
    firstByteP50Ms: (streams.firstToken?.p50 ?? Number.NaN) / 1e3,
    firstByteP95Ms: (streams.firstToken?.p95 ?? Number.NaN) / 1e3,
    requestsPerS: short.requestsPerS,
    errors: errors.reduce((sum, count) => sum + count, 0),
  }
}

async function measureLosses(systems: readonly System[], rounds: number): Promise<Losses> {
  const found = new Map<System['name'], Map<Loss, Broken[]>>()
  for (let round = 1; round <= rounds; round++) {
    for (const system of systems) {
      for (const loss of losses) {
        const broken = await countBroken(system, loss)
        process.stderr.write(`round ${round}: ${system.name} ${loss}: ${broken.broken} of ${broken.asked}\n`)
        const ofSystem = found.get(system.name) ?? new Map<Loss, Broken[]>()
        found.set(system.name, ofSystem.set(loss, [...(ofSystem.get(loss) ?? []), broken]))
      }
    }
  }
  return found
}
