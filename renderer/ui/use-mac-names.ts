import { useCallback } from 'react'
import { macsOf } from '../peer/macs-of.ts'
import { useSteadyMesh } from '../peer/steady.ts'

export type NameOf = (workerId: string) => string

/** What the Macs are called that an id names; one that is not in the mesh any more, by its id. */
export function useMacNames(): NameOf {
  const names = useSteadyMesh(({ workers }) =>
    Object.fromEntries(workers.map(({ workerId, hostname }) => [workerId, hostname])),
  )
  return useCallback(
    (workerId: string) =>
      macsOf(workerId)
        .map(each => names[each] ?? each)
        .join(', '),
    [names],
  )
}
