// Where a model comes from that is not on this disk: another Mac of the mesh that has it, or else the hub.

import type { Bus } from '../fabric/bus.ts'
import { type HubOffer, isHubOffer } from '../hub/hub-offer.ts'
import type { Hub } from '../hub/open-hub.ts'
import type { Clock } from '../protocol/clock.ts'
import { MeshError } from '../protocol/errors.ts'
import { isHubName, type ModelOffer } from '../protocol/model-files.ts'
import { askHolders } from './ask-holders.ts'
import { takeModel } from './take-model.ts'

export type Offer = ModelOffer | HubOffer

export interface ModelSource {
  readonly offer: Offer
  /** For the log. */
  readonly from: readonly string[]
  take(folder: string, signal: AbortSignal, onBytes: (bytes: number) => void): Promise<void>
}

export interface SourceOptions {
  readonly bus: Bus
  readonly clock: Clock
  /** Null: the configuration lets this Mac copy nothing from others. */
  readonly maxCopiedBytes: number | null
  /** Null: nor download. */
  readonly hub: Hub | null
}

export interface Wish {
  readonly modelId: string
  /** The workers that have it. */
  readonly holders: readonly string[]
  /** What an unfinished attempt was begun with. */
  readonly earlier: Offer | null
  readonly signal: AbortSignal
}

/** Null: it can come from somewhere. */
export function whyNowhere(
  modelId: string,
  holders: readonly string[],
  options: SourceOptions,
): MeshError | null {
  const { maxCopiedBytes, hub } = options
  if (holders.length > 0 && maxCopiedBytes !== null) return null
  const isNamed = isHubName(modelId)
  if (isNamed && hub) return null
  const nowhere = (hint: string) =>
    new MeshError('MODEL_NOT_FOUND', `There is no model ${modelId} on this Mac${hint}`, { param: 'modelId' })
  if (holders.length > 0)
    return nowhere(
      ', and its configuration (models.cache_coordination) does not let it copy any from another Mac.',
    )
  if (isNamed) return nowhere(', and its configuration (models.download) does not let it download any.')
  return nowhere('. One of the Hugging Face hub has a name such as mlx-community/Llama-3.2-3B-Instruct-4bit.')
}

/** Rejects with MeshError. What was begun with the hub is ended with it. */
export async function findSource(wish: Wish, options: SourceOptions): Promise<ModelSource> {
  const { modelId, holders, earlier, signal } = wish
  const { hub, maxCopiedBytes } = options
  const usableHub = isHubName(modelId) ? hub : null
  if (usableHub && earlier && isHubOffer(earlier)) return fromHub(usableHub, earlier)
  if (holders.length > 0 && maxCopiedBytes !== null) {
    try {
      return await fromMacs(wish, options)
    } catch (thrown) {
      if (!usableHub) throw thrown
    }
  }
  if (!usableHub) throw new MeshError('MODEL_NOT_FOUND', `There is no model ${modelId} on this Mac.`)
  return fromHub(usableHub, await usableHub.offer(modelId, signal))
}

async function fromMacs(
  { modelId, holders, earlier }: Wish,
  { bus, clock }: SourceOptions,
): Promise<ModelSource> {
  const { offer, givers } = await askHolders(bus, modelId, holders, earlier)
  return {
    offer,
    from: givers,
    take: (folder, signal, onBytes) => takeModel({ offer, givers, folder, bus, clock, signal, onBytes }),
  }
}

function fromHub(hub: Hub, offer: HubOffer): ModelSource {
  return {
    offer,
    from: [hub.name],
    take: (folder, signal, onBytes) => hub.fetchFiles({ offer, folder, signal, onBytes }),
  }
}
