import type { Bus } from '../fabric/bus.ts'
import { asMeshError, MeshError } from '../protocol/errors.ts'
import { decodeJson, encodeJson } from '../protocol/json.ts'
import {
  isSameOffer,
  type ModelFilesRequest,
  type ModelOffer,
  modelFilesAnswer,
} from '../protocol/model-files.ts'
import { subjects } from '../protocol/subjects.ts'

export interface Offered {
  readonly offer: ModelOffer
  /** Everybody who offers exactly the same. */
  readonly givers: readonly string[]
}

/** Whoever asks us to load a model waits 5 s for an answer. */
const offerTimeoutMs = 2000

/** Asks all at once. Where they differ, the one that was begun `earlier` counts, or else the first. Rejects with NO_WORKER. */
export async function askHolders(
  bus: Bus,
  modelId: string,
  holders: readonly string[],
  earlier: ModelOffer | null,
): Promise<Offered> {
  const answers = await Promise.all(holders.map(holder => askHolder(bus, holder, modelId)))
  const offers = answers.filter(answer => 'offer' in answer)
  const offer = (offers.find(each => isSameOffer(each.offer, earlier)) ?? offers[0])?.offer
  if (offer)
    return { offer, givers: offers.filter(each => isSameOffer(each.offer, offer)).map(each => each.holder) }
  const [reason] = answers.filter(answer => answer instanceof MeshError)
  const message = `No Mac that has ${modelId} gives it to this one: ${reason?.message ?? 'none was named.'}`
  throw new MeshError('NO_WORKER', message, { param: 'modelId' })
}

interface HolderOffer {
  readonly holder: string
  readonly offer: ModelOffer
}

async function askHolder(bus: Bus, holder: string, modelId: string): Promise<HolderOffer | MeshError> {
  try {
    const request: ModelFilesRequest = { modelId }
    const data = await bus.request(subjects.modelFiles(holder), encodeJson(request), offerTimeoutMs)
    const answer = modelFilesAnswer.safeParse(decodeJson(data))
    if (!answer.success) return new MeshError('NO_WORKER', `${holder} offers what cannot be a model.`)
    if (!answer.data.ok) return new MeshError('NO_WORKER', answer.data.error)
    const { offer } = answer.data
    if (offer.modelId === modelId) return { holder, offer }
    return new MeshError('NO_WORKER', `${holder} offers another model.`)
  } catch (thrown) {
    return asMeshError(thrown)
  }
}
