// What somebody can start with: models on this disk, and models of the catalog that fit. Pure.
import { canChat, type ModelStatus } from '../../main/protocol/models.ts'
import type { CatalogAnswer } from '../../main/protocol/settings.ts'

export interface Offer {
  readonly modelId: string
  readonly title: string
  readonly summary: string
  readonly sizeBytes: number
  readonly fits: 'well' | 'tight'
  /** What this Mac says of it; null: it is not here, and not on its way. */
  readonly status: ModelStatus | null
}

/** What is here comes first; what does not fit is left out. */
export function offersOf(models: readonly ModelStatus[], catalog: CatalogAnswer['models']): Offer[] {
  const here = models.filter(model => canChat(model) && !catalog.some(each => each.modelId === model.modelId))
  const known = here.map(
    (status): Offer => ({
      modelId: status.modelId,
      title: status.modelId.split('/').at(-1) ?? status.modelId,
      summary: 'On this Mac already: it answers at once',
      sizeBytes: status.sizeBytes,
      fits: 'well',
      status,
    }),
  )
  const offered = catalog.flatMap(({ modelId, title, summary, sizeBytes, fits }): Offer[] => {
    const status = models.find(each => each.modelId === modelId) ?? null
    return fits === 'no' && !status
      ? []
      : [{ modelId, title, summary, sizeBytes, fits: fits === 'no' ? 'tight' : fits, status }]
  })
  return [...known, ...offered]
}
