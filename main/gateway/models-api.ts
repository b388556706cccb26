import { MeshError } from '../protocol/errors.ts'
import { anthropicDialect } from './anthropic/dialect.ts'
import { describeModel, pageOfModels } from './anthropic/models.ts'
import { allowModel } from './entrance.ts'
import type { Exchange } from './exchange.ts'
import { type ListedModel, listModels } from './listed-models.ts'
import type { MeshView } from './ports.ts'
import type { Routes } from './router.ts'

export function modelRoutes(view: MeshView): Routes {
  return {
    'GET /v1/models': exchange => {
      const models = listModels(view, exchange.caller)
      const list = () => ({ object: 'list', data: models.map(objectOf) })
      exchange.json(200, speaksAnthropic(exchange) ? pageOfModels(models, exchange) : list())
    },
    'GET /v1/models/{model...}': exchange => {
      const [modelId = ''] = exchange.params
      allowModel(exchange, modelId)
      const model = listModels(view, exchange.caller).find(({ status }) => status.modelId === modelId)
      if (model) return exchange.json(200, speaksAnthropic(exchange) ? describeModel(model) : objectOf(model))
      const message = `The model '${modelId}' does not exist on any Mac of this mesh.`
      throw new MeshError('MODEL_NOT_FOUND', message, { param: 'model' })
    },
  }
}

function speaksAnthropic({ dialect }: Exchange): boolean {
  return dialect === anthropicDialect
}

/** OpenAI's model object; `mesh` is ours: where the model is, and whether it would answer at once. */
function objectOf({ status, holders, seesImages }: ListedModel) {
  return {
    id: status.modelId,
    object: 'model',
    created: Math.floor(status.createdAtMs / 1000),
    owned_by: 'mlx-mesh',
    mesh: {
      contextTokens: status.contextTokens,
      sizeBytes: status.sizeBytes,
      kind: status.kind ?? 'text',
      images: seesImages,
      workers: holders,
    },
  }
}
