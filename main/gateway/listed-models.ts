import { type Caller, mayUse } from '../access/caller.ts'
import { isOnDisk, type ModelStatus } from '../protocol/models.ts'
import type { MeshView } from './ports.ts'

/** A model of the mesh: what the first Mac says of it that has it, and who has it. */
export interface ListedModel {
  readonly status: ModelStatus
  readonly holders: readonly Holder[]
  /** What it takes on the Mac where it takes most; null: it is loaded nowhere. */
  readonly loadedBytes: number | null
  /** On one of those Macs at least. */
  readonly seesImages: boolean
}

interface Holder {
  readonly workerId: string
  readonly hostname: string
  readonly state: ModelStatus['state']
  readonly reason: string | null
}

/** Of all Macs that are here, those that the caller may use. */
export function listModels(view: Pick<MeshView, 'workers'>, caller: Caller): ListedModel[] {
  const found = new Map<string, ListedModel>()
  for (const { registration, heartbeat, status } of view.workers()) {
    if (status === 'offline' || !heartbeat) continue
    const { workerId, hostname } = registration
    for (const model of heartbeat.models) {
      if (!isOnDisk(model) || !mayUse(caller, model.modelId)) continue
      const { modelId, state, reason, memoryBytes } = model
      const known = found.get(modelId) ?? { status: model, holders: [], loadedBytes: null, seesImages: false }
      found.set(modelId, {
        status: known.status,
        holders: [...known.holders, { workerId, hostname, state, reason }],
        loadedBytes: state === 'ready' ? Math.max(known.loadedBytes ?? 0, memoryBytes) : known.loadedBytes,
        seesImages: known.seesImages || model.images === 'taken',
      })
    }
  }
  return [...found.values()]
}
