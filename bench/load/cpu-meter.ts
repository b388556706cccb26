import { monotonicUs } from './clock.ts'
import { cpuTimeUs } from './cpu-time.ts'

export interface CpuUse {
  readonly generatorCpuShare: number
  readonly watchedCpuUsPerS: number | null
}

/** Starts to measure `startMs` from now; the returned function ends it. */
export function meterCpu(startMs: number, watchPid: number | null): () => CpuUse {
  const read = () => ({
    atUs: monotonicUs(),
    own: process.cpuUsage(),
    watched: watchPid === null ? null : cpuTimeUs(watchPid),
  })
  let from = read()
  const timer = setTimeout(() => {
    from = read()
  }, startMs)

  return () => {
    clearTimeout(timer)
    const until = read()
    const lengthUs = until.atUs - from.atUs
    const ownUs = until.own.user + until.own.system - from.own.user - from.own.system
    const known = until.watched !== null && from.watched !== null
    return {
      generatorCpuShare: ownUs / lengthUs,
      watchedCpuUsPerS: known ? (Number(until.watched) - Number(from.watched)) / (lengthUs / 1e6) : null,
    }
  }
}
