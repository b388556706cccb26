import { useCallback } from 'react'
import { useSteadyMesh } from '../peer/steady.ts'

export type NameOf = (workerId: string) => string

/** What the Macs are called; one that is not in the mesh any more, by its id. */
export function useMacNames(): NameOf {
  const names = useSteadyMesh(({ workers }) =>
    Object.fromEntries(workers.map(({ workerId, hostname }) => [workerId, hostname])),
  )
  return useCallback((workerId: string) => names[workerId] ?? workerId, [names])
}
