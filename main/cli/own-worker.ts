import { closestTo } from '../config/closest.ts'
import type { ModelStatus } from '../protocol/models.ts'
import { health, type WorkerRecord, workerRecord } from './peer-answers.ts'
import type { PeerClient } from './peer-client.ts'
import { CommandError } from './terminal.ts'

/** The Mac that the peer itself runs on. */
export async function findOwnWorker(peer: PeerClient): Promise<WorkerRecord> {
  const { workerId } = await peer.get('/health', health)
  return peer.get(`/api/cluster/workers/${workerId}`, workerRecord)
}

/** The model with this id; the error names the one that was probably meant. */
export function findModel(worker: WorkerRecord, modelId: string): ModelStatus {
  const model = worker.models.find(candidate => candidate.modelId === modelId)
  if (model) return model
  const ids = worker.models.map(candidate => candidate.modelId)
  const near = closestTo(modelId, ids)
  const hint = near === null ? `Models on it: ${ids.join(', ') || 'none'}.` : `Did you mean "${near}"?`
  throw new CommandError(`there is no model "${modelId}" on this machine. ${hint}`)
}
