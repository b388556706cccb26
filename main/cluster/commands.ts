import type { Bus } from '../fabric/bus.ts'
import { type ErrorCode, errorCodes, MeshError } from '../protocol/errors.ts'
import { decodeJson, encodeJson } from '../protocol/json.ts'
import type { ModelStatus } from '../protocol/models.ts'
import { subjects } from '../protocol/subjects.ts'
import { type ModelCommand, modelCommandAnswer } from '../protocol/workers.ts'

const commandTimeoutMs = 5000

/** Asks a worker to load a model; resolves with its state once the worker has begun. Rejects with MeshError. */
export function loadModel(bus: Bus, workerId: string, modelId: string): Promise<ModelStatus> {
  return command(bus, subjects.modelLoad(workerId), { modelId })
}

/** Asks a worker to let a model go when its running requests have ended. Rejects with MeshError. */
export function unloadModel(bus: Bus, workerId: string, modelId: string): Promise<ModelStatus> {
  return command(bus, subjects.modelUnload(workerId), { modelId })
}

async function command(bus: Bus, subject: string, body: ModelCommand): Promise<ModelStatus> {
  const data = await bus.request(subject, encodeJson(body), commandTimeoutMs)
  const answer = modelCommandAnswer.parse(decodeJson(data))
  if (answer.ok) return answer.status
  throw new MeshError(isErrorCode(answer.code) ? answer.code : 'INTERNAL', answer.error, { param: 'modelId' })
}

function isErrorCode(code: string): code is ErrorCode {
  return (errorCodes as readonly string[]).includes(code)
}
