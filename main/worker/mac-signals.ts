// What macOS says of its owner's needs, without an administrator. The parsers are pure, so that written outputs test them.
import type { Clock } from '../protocol/clock.ts'
import { awayAfterMs, type OwnerSignals } from './sharing-policy.ts'
import type { AskedSignals } from './sharing-signals.ts'

export type Ask = (command: string, args: readonly string[]) => Promise<string>

const thermalKey = 'com.apple.system.thermalpressurelevel'

/** GPU time is told as a sum since a program's start: how much it takes is known from the second look on. */
export function createMacReader(ask: Ask, clock: Clock): (asked: AskedSignals) => Promise<OwnerSignals> {
  let gpuBefore: { readonly times: GpuTimes; readonly atMs: number } | null = null
  return async asked => {
    const [power, thermal, memoryPressure, owner] = await Promise.all([
      asked.power ? ask('/usr/bin/pmset', ['-g', 'batt']).then(parsePower) : null,
      asked.thermal ? ask('/usr/bin/notifyutil', ['-g', thermalKey]).then(parseThermal) : null,
      asked.memory
        ? ask('/usr/sbin/sysctl', ['-n', 'kern.memorystatus_vm_pressure_level']).then(parseMemoryPressure)
        : null,
      asked.owner ? readOwner() : null,
    ])
    return {
      power,
      thermal,
      memoryPressure,
      idleMs: owner?.idleMs ?? null,
      othersGpuPercent: owner?.othersGpuPercent ?? null,
    }
  }

  async function readOwner(): Promise<Pick<OwnerSignals, 'idleMs' | 'othersGpuPercent'>> {
    const idleMs = parseIdleMs(
      await ask('/usr/sbin/ioreg', ['-r', '-d', '1', '-w', '0', '-c', 'IOHIDSystem']),
    )
    if (idleMs === null || idleMs >= awayAfterMs) {
      gpuBefore = null
      return { idleMs, othersGpuPercent: null }
    }
    return { idleMs, othersGpuPercent: await readOthersGpu() }
  }

  async function readOthersGpu(): Promise<number | null> {
    const [clients, children] = await Promise.all([
      ask('/usr/sbin/ioreg', ['-r', '-d', '1', '-w', '0', '-c', 'AGXDeviceUserClient']),
      ask('/usr/bin/pgrep', ['-P', String(process.pid)]),
    ])
    const times = parseGpuTimes(clients)
    const before = gpuBefore
    const atMs = clock.now()
    gpuBefore = { times, atMs }
    if (before === null || times.size === 0 || atMs <= before.atMs) return null
    // The processes of our models are children of this one.
    const ours = new Set([process.pid, ...children.split(/\s+/).map(Number)])
    return othersGpuPercent(before.times, times, atMs - before.atMs, ours)
  }
}

/** `pmset -g batt`. A power cut behind an uninterruptible supply counts as battery. */
export function parsePower(said: string): OwnerSignals['power'] {
  const source = /drawing from '(\w+) Power'/.exec(said)?.[1]
  if (source === undefined) return null
  const charge = /\t(\d+)%;/.exec(said)?.[1]
  return { onBattery: source !== 'AC', chargePercent: charge === undefined ? null : Number(charge) }
}

/** `notifyutil -g`: the pressure levels nominal, moderate, heavy, trapping and sleeping of `OSThermalNotification.h`. */
export function parseThermal(said: string): OwnerSignals['thermal'] {
  const level = /thermalpressurelevel (\d+)/.exec(said)?.[1]
  if (level === undefined) return null
  return (['nominal', 'fair', 'serious'] as const)[Number(level)] ?? 'critical'
}

/** `sysctl -n kern.memorystatus_vm_pressure_level` */
export function parseMemoryPressure(said: string): OwnerSignals['memoryPressure'] {
  const levels: Readonly<Record<string, OwnerSignals['memoryPressure']>> = {
    1: 'normal',
    2: 'warn',
    4: 'critical',
  }
  return levels[said.trim()] ?? null
}

/** `ioreg -c IOHIDSystem`, which tells nanoseconds. */
export function parseIdleMs(ioreg: string): number | null {
  const idleNs = /"HIDIdleTime"\s*=\s*(\d+)/.exec(ioreg)?.[1]
  return idleNs === undefined ? null : Number(idleNs) / 1e6
}

/** Nanoseconds of GPU time by process. */
type GpuTimes = ReadonlyMap<number, number>

/** `ioreg -c AGXDeviceUserClient`: a record for each connection of a program to the GPU. */
export function parseGpuTimes(ioreg: string): GpuTimes {
  const times = new Map<number, number>()
  for (const record of ioreg.split('+-o ')) {
    const pid = Number(/"IOUserClientCreator" = "pid (\d+),/.exec(record)?.[1])
    if (Number.isNaN(pid)) continue
    let ns = times.get(pid) ?? 0
    for (const [, time] of record.matchAll(/"accumulatedGPUTime"=(\d+)/g)) ns += Number(time)
    times.set(pid, ns)
  }
  return times
}

/** A connection that was closed takes its sum along: that program counts again from the next look on. */
function othersGpuPercent(
  before: GpuTimes,
  now: GpuTimes,
  elapsedMs: number,
  ours: ReadonlySet<number>,
): number {
  let ns = 0
  for (const [pid, time] of now) {
    if (!ours.has(pid)) ns += Math.max(0, time - (before.get(pid) ?? 0))
  }
  return Math.min(100, ns / 1e4 / elapsedMs)
}
