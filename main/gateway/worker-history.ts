// What this Mac has heard of each Mac's load since it started: means over ten seconds, for a day, in memory.
import type { WorkerRecord } from '../cluster/view.ts'
import type { Clock } from '../protocol/clock.ts'
import type { WorkerHistory } from '../protocol/dashboard.ts'
import type { TimeseriesDuration } from '../telemetry/timeseries.ts'
import type { MeshView } from './ports.ts'

export interface WorkerHistories {
  /** At most 360 points, the oldest first; none of times in which nothing was heard. */
  of(workerId: string, duration: TimeseriesDuration): WorkerHistory
  close(): void
}

const slotMs = 10_000
const slotsPerHour = 360
const keptHours = 24
/** A rate over less time says nothing. */
const minGapMs = 500
const fields = ['cpuPercent', 'gpuPercent', 'memoryUsedGB', 'activeRequests', 'tokensPerSecond'] as const
type Point = Readonly<Record<(typeof fields)[number], number>>
/** How many slots one point stands for. */
const slotsPerPoint = { '1h': 1, '6h': 6, '24h': 24 } as const
const pointsPerCurve = 360

export function createWorkerHistories(view: MeshView, clock: Clock): WorkerHistories {
  const rings = new Map<string, Ring>()
  const stop = view.onChange(workerId => {
    const record = view.worker(workerId)
    if (!record) rings.delete(workerId)
    else if (record.status !== 'offline') note(workerId, record)
  })

  return {
    of(workerId, duration) {
      const each = slotsPerPoint[duration]
      const last = Math.floor(slotNow() / each)
      const points = []
      for (let at = last - pointsPerCurve + 1; at <= last; at++) {
        const mean = rings.get(workerId)?.mean(at * each, each)
        if (mean) points.push({ timestamp: at * each * slotMs, ...mean })
      }
      return { points }
    },
    close: stop,
  }

  function note(workerId: string, { heartbeat }: WorkerRecord): void {
    if (!heartbeat) return
    const ring = rings.get(workerId) ?? new Ring()
    rings.set(workerId, ring)
    const { metrics, epoch } = heartbeat
    ring.note(slotNow(), {
      cpuPercent: metrics.cpuUsagePercent,
      gpuPercent: metrics.gpuUtilizationPercent,
      memoryUsedGB: metrics.memoryUsedGB,
      activeRequests: metrics.activeRequests,
      tokensPerSecond: ring.tokensPerSecond(epoch, metrics.totalTokensGenerated ?? 0, clock.now()),
    })
  }

  function slotNow(): number {
    return Math.floor(clock.now() / slotMs)
  }
}

/** A day of one Mac takes 240 kB, an hour at a time as it is needed. */
class Ring {
  readonly #hours = new Map<number, Float32Array>()
  #before: { readonly epoch: number; readonly tokens: number; readonly atMs: number } | null = null
  #rate = 0

  /** Sums, with how many there are in front of them. */
  note(slot: number, point: Point): void {
    const sums = this.#sumsOf(slot)
    sums[0] = (sums[0] ?? 0) + 1
    fields.forEach((field, i) => {
      sums[i + 1] = (sums[i + 1] ?? 0) + point[field]
    })
  }

  /** From one heartbeat to the next; of two that came together the earlier one's. */
  tokensPerSecond(epoch: number, tokens: number, atMs: number): number {
    const before = this.#before
    if (before?.epoch === epoch && atMs - before.atMs < minGapMs) return this.#rate
    this.#before = { epoch, tokens, atMs }
    this.#rate = before?.epoch === epoch ? (1000 * (tokens - before.tokens)) / (atMs - before.atMs) : 0
    return this.#rate
  }

  /** Over `count` slots from `first` on; null where nothing was heard. */
  mean(first: number, count: number): Point | null {
    const totals = new Float64Array(fields.length + 1)
    for (let slot = first; slot < first + count; slot++) {
      const hour = this.#hours.get(Math.floor(slot / slotsPerHour))
      const at = (slot % slotsPerHour) * totals.length
      for (let i = 0; hour && i < totals.length; i++) totals[i] = (totals[i] ?? 0) + (hour[at + i] ?? 0)
    }
    const [heard = 0, cpu = 0, gpu = 0, memory = 0, active = 0, tokens = 0] = totals
    if (heard === 0) return null
    return {
      cpuPercent: cpu / heard,
      gpuPercent: gpu / heard,
      memoryUsedGB: memory / heard,
      activeRequests: active / heard,
      tokensPerSecond: tokens / heard,
    }
  }

  #sumsOf(slot: number): Float32Array {
    const width = fields.length + 1
    const hour = Math.floor(slot / slotsPerHour)
    let sums = this.#hours.get(hour)
    if (!sums) {
      sums = new Float32Array(slotsPerHour * width)
      this.#hours.set(hour, sums)
      for (const old of this.#hours.keys()) {
        if (old < hour - keptHours) this.#hours.delete(old)
      }
    }
    const at = (slot % slotsPerHour) * width
    return sums.subarray(at, at + width)
  }
}
