import { fitOf, memoryBytesOf } from '../protocol/model-memory.ts'
import { isOnDisk, type ModelStatus } from '../protocol/models.ts'
import type { CatalogAnswer } from '../protocol/settings.ts'
import { type KnownModel, knownModels, starterModel } from './known-models.ts'
import type { GatewayOptions, MeshView } from './ports.ts'
import type { Routes } from './router.ts'

export interface CatalogApiOptions {
  readonly view: MeshView
  readonly identity: { readonly workerId: string }
  readonly catalog: GatewayOptions['catalog']
}

/** `GET /api/catalog`: what this Mac could load, the starter first as it is there at once, then the best that fits. */
export function catalogRoutes({ view, identity, catalog }: CatalogApiOptions): Routes {
  return {
    'GET /api/catalog': exchange => {
      const own = view.worker(identity.workerId)
      const here = idsOf(own?.heartbeat?.models ?? [])
      const anywhere = new Set(view.workers().flatMap(({ heartbeat }) => [...idsOf(heartbeat?.models ?? [])]))
      const { memoryBudgetGB, downloads } = catalog
      const memoryGB = own?.registration.hardware.unifiedMemoryGB || memoryBudgetGB
      const describe = (model: KnownModel) => ({
        ...model,
        memoryBytes: Math.ceil(memoryBytesOf(model.sizeBytes)),
        fits: fitOf(model.sizeBytes, memoryGB, memoryBudgetGB),
        onDisk: here.has(model.modelId),
      })
      const reachable = knownModels.filter(({ modelId }) => downloads || anywhere.has(modelId))
      const starter = here.has(starterModel.modelId) ? [describe(starterModel)] : []
      const models = [...starter, ...bestFirst(reachable.map(describe))]
      exchange.json(200, { models } satisfies CatalogAnswer)
    },
  }
}

/** Of those that are too large the smallest is the nearest. */
function bestFirst<T extends { readonly fits: 'well' | 'tight' | 'no' }>(models: readonly T[]): T[] {
  const fitting = (fits: T['fits']) => models.filter(model => model.fits === fits)
  return [...fitting('well'), ...fitting('tight'), ...fitting('no').reverse()]
}

function idsOf(models: readonly ModelStatus[]): Set<string> {
  return new Set(models.filter(isOnDisk).map(({ modelId }) => modelId))
}
