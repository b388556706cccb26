// How busy this machine is, as of at most a second ago.
import { type CpuInfo, cpus, freemem, totalmem } from 'node:os'
import type { Clock } from '../protocol/clock.ts'
import type { WorkerMetrics } from '../protocol/workers.ts'
import { askSystem } from './ask-system.ts'

type LoadFigures = Pick<
  WorkerMetrics,
  'cpuUsagePercent' | 'memoryUsedGB' | 'gpuUtilizationPercent' | 'availableMemoryGB'
>

export interface LoadWatch {
  read(): LoadFigures
  stop(): void
}

const periodMs = 1000

export function watchLoad(clock: Clock): LoadWatch {
  let cpuBefore = cpuTimes(cpus())
  let cpuUsagePercent = 0
  let gpuUtilizationPercent = 0
  let availableBytes = freemem()
  let isAsking = false

  const stop = clock.every(periodMs, () => {
    const cpuNow = cpuTimes(cpus())
    cpuUsagePercent = cpuPercent(cpuBefore, cpuNow)
    cpuBefore = cpuNow
    if (process.platform !== 'darwin') availableBytes = freemem()
    else if (!isAsking) askMac()
  })
  if (process.platform === 'darwin') askMac()

  return {
    stop,
    read: () => ({
      cpuUsagePercent,
      gpuUtilizationPercent,
      memoryUsedGB: (totalmem() - availableBytes) / 2 ** 30,
      availableMemoryGB: availableBytes / 2 ** 30,
    }),
  }

  async function askMac(): Promise<void> {
    isAsking = true
    const [memory, gpu] = await Promise.all([
      askSystem('/usr/bin/vm_stat', []),
      askSystem('/usr/sbin/ioreg', ['-r', '-d', '1', '-w', '0', '-c', 'IOAccelerator']),
    ])
    isAsking = false
    availableBytes = parseAvailableBytes(memory) ?? freemem()
    gpuUtilizationPercent = parseGpuPercent(gpu)
  }
}

interface CpuTimes {
  readonly busyMs: number
  readonly allMs: number
}

export function cpuTimes(cores: readonly Pick<CpuInfo, 'times'>[]): CpuTimes {
  let busyMs = 0
  let idleMs = 0
  for (const { times } of cores) {
    busyMs += times.user + times.nice + times.sys + times.irq
    idleMs += times.idle
  }
  return { busyMs, allMs: busyMs + idleMs }
}

export function cpuPercent(before: CpuTimes, now: CpuTimes): number {
  const allMs = now.allMs - before.allMs
  return allMs > 0 ? Math.min(100, Math.max(0, ((now.busyMs - before.busyMs) / allMs) * 100)) : 0
}

/** From `ioreg`: the busiest graphics device; 0 where none says. */
export function parseGpuPercent(ioreg: string): number {
  const found = [...ioreg.matchAll(/"Device Utilization %"\s*=\s*(\d+)/g)].map(match => Number(match[1]))
  return Math.min(100, Math.max(0, ...found))
}

/**
 * From `vm_stat`: what programs can have without swapping. Node's `freemem` counts free pages only, and macOS keeps those
 * near zero: it lends them to file caches (inactive, speculative).
 */
export function parseAvailableBytes(vmStat: string): number | null {
  const pageBytes = Number(/page size of (\d+) bytes/.exec(vmStat)?.[1])
  const pages = ['free', 'inactive', 'speculative'].map(kind =>
    Number(new RegExp(`^Pages ${kind}:\\s+(\\d+)\\.`, 'm').exec(vmStat)?.[1]),
  )
  const bytes = pages.reduce((sum, count) => sum + count, 0) * pageBytes
  return Number.isFinite(bytes) ? bytes : null
}
