// Decides what must go so that another model fits into memory. Pure: it evicts nothing itself.

export interface MemoryLimits {
  /** Memory of all loaded models together. */
  readonly budgetBytes: number
  readonly maxLoaded: number
}

/** A model that holds memory now, or is about to. */
export interface Occupant {
  readonly modelId: string
  readonly memoryBytes: number
  readonly lastUsedAtMs: number | null
  /** Loaded, and nobody uses it or waits for it. */
  readonly isIdle: boolean
  /** Its owner wants it to stay, idle or not. */
  readonly isPinned: boolean
  /** Its end has been decided and nobody uses it any more: its memory comes back by itself, in a moment. */
  readonly isLeaving: boolean
}

export type RoomPlan =
  | { readonly kind: 'fits' }
  /** It fits once these are gone, least recently used first. */
  | { readonly kind: 'evict'; readonly modelIds: readonly string[] }
  /** It will fit when those that leave are gone, or would if some of the others were idle. */
  | { readonly kind: 'wait' }
  /** It would fit if these, which stay whatever happens, were not loaded. */
  | { readonly kind: 'pinned'; readonly modelIds: readonly string[] }
  | { readonly kind: 'never' }

/** What stands beside other models may fill this share of the budget; one alone may fill all of it. */
const highWater = 0.8

export function planRoom(needBytes: number, occupants: readonly Occupant[], limits: MemoryLimits): RoomPlan {
  if (needBytes > limits.budgetBytes) return { kind: 'never' }
  if (fits(needBytes, occupants, limits)) return { kind: 'fits' }
  const staying = occupants.filter(occupant => !occupant.isLeaving)
  if (fits(needBytes, staying, limits)) return { kind: 'wait' }

  const pinned = staying.filter(occupant => occupant.isPinned)
  if (!fits(needBytes, pinned, limits)) return { kind: 'pinned', modelIds: pinned.map(one => one.modelId) }

  const oldestFirst = oldestIdleFirst(staying)
  for (let count = 1; count <= oldestFirst.length; count++) {
    const evicted = oldestFirst.slice(0, count)
    const rest = staying.filter(occupant => !evicted.includes(occupant))
    if (fits(needBytes, rest, limits)) return { kind: 'evict', modelIds: evicted.map(one => one.modelId) }
  }
  return { kind: 'wait' }
}

/** Idle models that must go, least recently used first, because the loaded ones have grown together. */
export function overgrown(occupants: readonly Occupant[], limits: MemoryLimits): readonly string[] {
  let staying = occupants.filter(occupant => !occupant.isLeaving)
  const gone: string[] = []
  for (const occupant of oldestIdleFirst(staying)) {
    if (staying.length === 1 || usedBytes(staying) <= highWater * limits.budgetBytes) break
    staying = staying.filter(other => other !== occupant)
    gone.push(occupant.modelId)
  }
  return gone
}

function oldestIdleFirst(occupants: readonly Occupant[]): readonly Occupant[] {
  const idle = occupants.filter(occupant => occupant.isIdle && !occupant.isPinned)
  return idle.toSorted((a, b) => (a.lastUsedAtMs ?? 0) - (b.lastUsedAtMs ?? 0))
}

export function usedBytes(occupants: readonly Occupant[]): number {
  return occupants.reduce((sum, occupant) => sum + occupant.memoryBytes, 0)
}

function fits(needBytes: number, occupants: readonly Occupant[], limits: MemoryLimits): boolean {
  if (occupants.length === 0) return true
  return (
    occupants.length < limits.maxLoaded && usedBytes(occupants) + needBytes <= highWater * limits.budgetBytes
  )
}
