// Which models a question can go to. Pure.
import type { DashboardWorker } from '../../main/protocol/dashboard.ts'
import { canChat } from '../../main/protocol/models.ts'
import { modelLine } from '../ui/model-name.ts'

export interface ChatModel {
  readonly modelId: string
  /** It answers at once; others are loaded first. */
  readonly isReady: boolean
  /** The Mac that is loading it now. */
  readonly loadingOn: string | null
}

/** Those that are ready first. */
export function chatModels(workers: readonly DashboardWorker[]): ChatModel[] {
  const places = workers
    .filter(({ status }) => status !== 'offline')
    .flatMap(({ hostname, models }) => models.filter(canChat).map(model => ({ hostname, ...model })))
  const models = [...new Set(places.map(({ modelId }) => modelId))].map(modelId => {
    const own = places.filter(place => place.modelId === modelId)
    const loading = own.find(({ state }) => state === 'loading' || state === 'warming' || state === 'queued')
    const isReady = own.some(({ state }) => state === 'ready')
    return { modelId, isReady, loadingOn: isReady ? null : (loading?.hostname ?? null) }
  })
  return models.sort(
    (one, other) =>
      Number(other.isReady) - Number(one.isReady) ||
      modelLine(one.modelId).localeCompare(modelLine(other.modelId), 'en', { numeric: true }),
  )
}
