import { closestTo } from '../config/closest.ts'
import { canChat, isOnDisk, type ModelStatus } from '../protocol/models.ts'
import { CommandError } from './command-error.ts'
import {
  clusterStatus,
  health,
  type MeshModel,
  modelList,
  type WorkerRecord,
  workerRecord,
} from './peer-answers.ts'
import type { PeerClient } from './peer-client.ts'

/** The Mac that the peer itself runs on. */
export async function findOwnWorker(peer: PeerClient): Promise<WorkerRecord> {
  const { workerId } = await peer.get('/health', health.partial({ workerId: true, uptime: true }))
  // Whoever may not read is told no more than that it is well; the next question is refused, and says why.
  if (workerId === undefined) await peer.get('/api/cluster/status', clusterStatus)
  return peer.get(`/api/cluster/workers/${workerId}`, workerRecord)
}

/** What other Macs of the mesh have, and this one has not. */
export async function modelsElsewhere(peer: PeerClient, own: WorkerRecord): Promise<MeshModel[]> {
  const { data } = await peer.get('/v1/models', modelList)
  const here = own.models.filter(isOnDisk).map(model => model.modelId)
  return data.filter(({ id }) => !here.includes(id))
}

/** Throws for a model that no Mac of the mesh has; the error names the one that was probably meant. */
export async function checkModel(peer: PeerClient, own: WorkerRecord, modelId: string): Promise<void> {
  if (findModel(own, modelId)) return
  const elsewhere = await modelsElsewhere(peer, own)
  const ids = [...own.models.map(model => model.modelId), ...elsewhere.map(({ id }) => id)]
  if (ids.includes(modelId)) return
  const near = closestTo(modelId, ids)
  const hint = near === null ? `There are: ${ids.join(', ') || 'none'}.` : `Did you mean "${near}"?`
  throw new CommandError(`there is no model "${modelId}" here. ${hint}`)
}

/** What the Mac says of the model; null if nothing. */
export function findModel(worker: WorkerRecord, modelId: string): ModelStatus | null {
  return worker.models.find(candidate => candidate.modelId === modelId) ?? null
}

/** A model to chat with: one that is loaded, or else the first one; null where there is none. */
export function firstUsable({ models }: WorkerRecord): ModelStatus | null {
  const usable = models.filter(canChat)
  return usable.find(({ state }) => state === 'ready') ?? usable[0] ?? null
}
