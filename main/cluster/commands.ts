import type { Bus } from '../fabric/bus.ts'
import { type ErrorCode, errorCodes, MeshError } from '../protocol/errors.ts'
import { decodeJson, encodeJson } from '../protocol/json.ts'
import type { ModelStatus } from '../protocol/models.ts'
import { subjects } from '../protocol/subjects.ts'
import {
  type ModelCommand,
  modelCommandAnswer,
  type PinCommand,
  type Sharing,
  type SharingOrder,
  sharingAnswer,
} from '../protocol/workers.ts'
import type { ClusterView } from './view.ts'

const commandTimeoutMs = 5000

/**
 * Asks a worker to load a model, which it copies from a Mac that has it when it is not on its disk; resolves with its state
 * once the worker has begun. Rejects with MeshError.
 */
export function loadModel(
  bus: Bus,
  view: Pick<ClusterView, 'holders'>,
  workerId: string,
  modelId: string,
): Promise<ModelStatus> {
  const holders = view.holders(modelId).map(({ worker }) => worker.registration.workerId)
  const from = holders.filter(holder => holder !== workerId)
  return command(bus, subjects.modelLoad(workerId), { modelId, from })
}

/** Asks a worker to let a model go when its running requests have ended. Rejects with MeshError. */
export function unloadModel(bus: Bus, workerId: string, modelId: string): Promise<ModelStatus> {
  return command(bus, subjects.modelUnload(workerId), { modelId })
}

/** Tells a Mac to keep a model in memory from its start on, or no longer. Rejects with MeshError. */
export function pinModel(bus: Bus, workerId: string, modelId: string, pinned: boolean): Promise<ModelStatus> {
  return command(bus, subjects.modelPin(workerId), { modelId, pinned })
}

/** Tells a Mac to remove a model that it does not use from its disk; resolves when it is gone. Rejects with MeshError. */
export function removeModel(bus: Bus, workerId: string, modelId: string): Promise<ModelStatus> {
  return command(bus, subjects.modelRemove(workerId), { modelId })
}

/** Tells a Mac to share, or not; resolves with what it says of itself then. Rejects with MeshError. */
export async function setSharing(bus: Bus, workerId: string, order: SharingOrder): Promise<Sharing> {
  const answer = sharingAnswer.parse(await ask(bus, subjects.sharing(workerId), order))
  if (answer.ok) return answer.sharing
  throw refusal(answer)
}

async function command(bus: Bus, subject: string, body: ModelCommand | PinCommand): Promise<ModelStatus> {
  const answer = modelCommandAnswer.parse(await ask(bus, subject, body))
  if (answer.ok) return answer.status
  throw refusal(answer, 'modelId')
}

async function ask(bus: Bus, subject: string, body: object): Promise<unknown> {
  return decodeJson(await bus.request(subject, encodeJson(body), commandTimeoutMs))
}

function refusal({ code, error }: { code: string; error: string }, param: string | null = null): MeshError {
  return new MeshError(isErrorCode(code) ? code : 'INTERNAL', error, { param })
}

function isErrorCode(code: string): code is ErrorCode {
  return (errorCodes as readonly string[]).includes(code)
}
