import { MeshError } from '../protocol/errors.ts'
import { isOnDisk, type ModelStatus } from '../protocol/models.ts'
import { anthropicDialect } from './anthropic/dialect.ts'
import { describeModel, pageOfModels } from './anthropic/models.ts'
import type { Exchange } from './exchange.ts'
import type { MeshView } from './ports.ts'
import type { Routes } from './router.ts'

/** OpenAI's model object; `mesh` is ours: where the model is, and whether it would answer at once. */
interface ModelObject {
  readonly id: string
  readonly object: 'model'
  readonly created: number
  readonly owned_by: 'mlx-mesh'
  readonly mesh: {
    readonly contextTokens: number
    readonly sizeBytes: number
    readonly workers: readonly Holder[]
  }
}

interface Holder {
  readonly workerId: string
  readonly hostname: string
  readonly state: ModelStatus['state']
  readonly reason: string | null
}

export function modelRoutes(view: MeshView): Routes {
  return {
    'GET /v1/models': exchange => {
      const models = listModels(view)
      const list = () => ({ object: 'list', data: models })
      exchange.json(200, speaksAnthropic(exchange) ? pageOfModels(models, exchange) : list())
    },
    'GET /v1/models/{model...}': exchange => {
      const [modelId = ''] = exchange.params
      const model = listModels(view).find(({ id }) => id === modelId)
      if (model) return exchange.json(200, speaksAnthropic(exchange) ? describeModel(model) : model)
      const message = `The model '${modelId}' does not exist on any Mac of this mesh.`
      throw new MeshError('MODEL_NOT_FOUND', message, { param: 'model' })
    },
  }
}

function speaksAnthropic({ dialect }: Exchange): boolean {
  return dialect === anthropicDialect
}

/** The models of all Macs that are here. */
function listModels(view: MeshView): ModelObject[] {
  const found = new Map<string, { status: ModelStatus; holders: Holder[] }>()
  for (const { registration, heartbeat, status } of view.workers()) {
    if (status === 'offline' || !heartbeat) continue
    for (const model of heartbeat.models.filter(isOnDisk)) {
      const { modelId, state, reason } = model
      const { workerId, hostname } = registration
      const holder = { workerId, hostname, state, reason }
      const known = found.get(modelId)
      if (known) known.holders.push(holder)
      else found.set(modelId, { status: model, holders: [holder] })
    }
  }
  return [...found.values()].map(({ status, holders }) => ({
    id: status.modelId,
    object: 'model',
    created: Math.floor(status.createdAtMs / 1000),
    owned_by: 'mlx-mesh',
    mesh: { contextTokens: status.contextTokens, sizeBytes: status.sizeBytes, workers: holders },
  }))
}
