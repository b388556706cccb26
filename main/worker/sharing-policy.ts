// Whether this Mac works for others now: a pure function of what the machine says, what its owner wants, and what was
// decided before. It never pauses for what is not known.
import { ownersReasons, type Sharing } from '../protocol/workers.ts'

/** What the machine says of its owner's needs; null: not known here. */
export interface OwnerSignals {
  readonly power: { readonly onBattery: boolean; readonly chargePercent: number | null } | null
  readonly thermal: 'nominal' | 'fair' | 'serious' | 'critical' | null
  readonly memoryPressure: 'normal' | 'warn' | 'critical' | null
  /** Since a key or the mouse was last touched. */
  readonly idleMs: number | null
  /** What other programs took of the GPU, our models left out. */
  readonly othersGpuPercent: number | null
}

/** The section `sharing` of the configuration. */
export interface SharingSettings {
  readonly enabled: boolean
  readonly on_battery: 'pause' | 'share'
  readonly thermal: 'serious' | 'critical' | 'ignore'
  readonly memory_pressure: 'warn' | 'critical' | 'ignore'
  readonly while_owner_active: 'pause' | 'share'
  readonly owner_gpu_percent: number
}

/** What was said with `mlx-mesh share` and `pause`; `shared: null`: as configured. */
export interface OwnerWish {
  readonly shared: boolean | null
  /** `untilMs: null`: until told otherwise. */
  readonly pause: { readonly untilMs: number | null } | null
}

export interface Situation {
  readonly signals: OwnerSignals
  readonly settings: SharingSettings
  readonly wish: OwnerWish
  readonly nowMs: number
}

export interface Decision {
  readonly sharing: Sharing
  /** Why the machine's signals speak against sharing, or did until a moment ago. */
  readonly objection: string | null
  /** Since when they do not any more, while the objection lasts. */
  readonly goodSinceMs: number | null
  /** Since when the owner has been at work with the GPU busy. */
  readonly busySinceMs: number | null
}

export const sharingOn: Sharing = { state: 'on', reason: null, untilMs: null }
export const noSignals: OwnerSignals = {
  power: null,
  thermal: null,
  memoryPressure: null,
  idleMs: null,
  othersGpuPercent: null,
}
export const undecided: Decision = {
  sharing: sharingOn,
  objection: null,
  goodSinceMs: null,
  busySinceMs: null,
}

const [switchedOff, askedForIt] = ownersReasons

/** Who has not touched anything for so long is not at the Mac. */
export const awayAfterMs = 120_000
/** A window that opens keeps the GPU busy, too: handing streams over is worth it for more than a moment. */
const busyForMs = 10_000
/** All must have been well for so long before sharing goes on. */
const steadyForMs = 30_000

export function decideSharing(situation: Situation, previous: Decision): Decision {
  const { nowMs } = situation
  // A clock that was set back must not lengthen a wait.
  const since = (atMs: number | null) => Math.min(atMs ?? nowMs, nowMs)
  const busySinceMs = isOwnerBusy(situation, previous) ? since(previous.busySinceMs) : null
  const isBusyForLong = busySinceMs !== null && nowMs - busySinceMs >= busyForMs
  const now = strainOf(situation) ?? (isBusyForLong ? 'its owner is using the GPU' : null)
  const isGood = now === null && busySinceMs === null
  const goodSinceMs = isGood && previous.objection !== null ? since(previous.goodSinceMs) : null
  const isSteady = goodSinceMs !== null && nowMs - goodSinceMs >= steadyForMs
  const objection = now ?? (isSteady ? null : previous.objection)
  return {
    sharing: sharingFor(situation, objection, goodSinceMs),
    objection,
    goodSinceMs: objection === null ? null : goodSinceMs,
    busySinceMs,
  }
}

function sharingFor(
  { wish, settings, nowMs }: Situation,
  objection: string | null,
  goodSinceMs: number | null,
): Sharing {
  const paused = (reason: string, untilMs: number | null = null): Sharing => ({
    state: 'paused',
    reason,
    untilMs,
  })
  if (!(wish.shared ?? settings.enabled)) return paused(switchedOff)
  const untilMs = wish.pause?.untilMs ?? null
  if (wish.pause && (untilMs === null || untilMs > nowMs)) return paused(askedForIt, untilMs)
  if (objection === null) return sharingOn
  return goodSinceMs === null ? paused(objection) : paused('about to share again', goodSinceMs + steadyForMs)
}

/** What the machine itself suffers from. */
function strainOf({ signals, settings }: Situation): string | null {
  const { power, thermal, memoryPressure } = signals
  if (settings.on_battery === 'pause' && power?.onBattery) {
    return power.chargePercent === null ? 'on battery' : `on battery, ${power.chargePercent} % left`
  }
  if (reaches(['serious', 'critical'], thermal, settings.thermal)) return `too hot (${thermal})`
  if (reaches(['warn', 'critical'], memoryPressure, settings.memory_pressure)) {
    return `short of memory (${memoryPressure})`
  }
  return null
}

function reaches(levels: readonly string[], level: string | null, limit: string): boolean {
  const place = level === null ? -1 : levels.indexOf(level)
  return place >= 0 && levels.includes(limit) && place >= levels.indexOf(limit)
}

/** While nobody can tell whose work the GPU does, it is as it was. */
function isOwnerBusy({ signals, settings }: Situation, previous: Decision): boolean {
  const { idleMs, othersGpuPercent } = signals
  if (settings.while_owner_active === 'share' || idleMs === null || idleMs >= awayAfterMs) return false
  return othersGpuPercent === null
    ? previous.busySinceMs !== null
    : othersGpuPercent > settings.owner_gpu_percent
}
