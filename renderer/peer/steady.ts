// Macs speak each second, and each time they say everything again. Views that show only a part of it should draw only when
// that part is another one.
import { useRef } from 'react'
import type { Mesh } from './apply-events.ts'
import { useMesh } from './mesh-store.ts'

/** What `select` makes of the mesh, and the same object as long as nothing in it is different. */
export function useSteadyMesh<T>(select: (mesh: Mesh) => T): T {
  const last = useRef<T | undefined>(undefined)
  return useMesh(mesh => {
    const next = keepEqual(last.current, select(mesh))
    last.current = next
    return next
  })
}

/** The value as it was, as long as nothing in it is different. */
export function useSteady<T>(value: T): T {
  const last = useRef(value)
  last.current = keepEqual(last.current, value)
  return last.current
}

/** `next`, in which everything that equals what was there before is that very object. */
export function keepEqual<T>(before: unknown, next: T): T
export function keepEqual(before: unknown, next: unknown): unknown {
  if (Object.is(before, next)) return before
  if (Array.isArray(before) && Array.isArray(next)) {
    const kept = next.map((each, i) => keepEqual(before[i], each))
    return kept.length === before.length && kept.every((each, i) => Object.is(each, before[i]))
      ? before
      : kept
  }
  if (!isPlain(before) || !isPlain(next)) return next
  const names = Object.keys(next)
  const kept = Object.fromEntries(names.map(name => [name, keepEqual(before[name], next[name])]))
  const isSame =
    names.length === Object.keys(before).length &&
    names.every(name => name in before && Object.is(kept[name], before[name]))
  return isSame ? before : kept
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
