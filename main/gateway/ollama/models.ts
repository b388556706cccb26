// The mesh's models as Ollama lists them, and its routes that only tell.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { MeshError } from '../../protocol/errors.ts'
import { readJson } from '../body.ts'
import { invalid } from '../errors.ts'
import { type ListedModel, listModels } from '../listed-models.ts'
import { checkParameters } from '../parameters.ts'
import type { MeshView } from '../ports.ts'
import type { Routes } from '../router.ts'
import { modelNamed } from './model-name.ts'

/** The release of Ollama whose interface this is: clients ask whether it is new enough for them. */
const ollamaVersion = '0.12.11'
const maxQuestionBytes = 64 << 10

/** A model stays until its room is needed. */
const noEnd = '9999-12-31T23:59:59Z'

const ignored = z.unknown().optional()
const name = z.string().min(1).max(512)
const showBody = z.strictObject({
  model: name.optional(),
  /** The older word. */
  name: name.optional(),
  verbose: ignored,
  system: ignored,
  template: ignored,
  options: ignored,
})

export function ollamaModelRoutes(view: MeshView): Routes {
  return {
    'GET /api/version': exchange => exchange.json(200, { version: ollamaVersion }),
    'GET /api/tags': exchange => exchange.json(200, { models: listModels(view, exchange.caller).map(tagOf) }),
    'GET /api/ps': exchange => {
      const running = listModels(view, exchange.caller).filter(({ loadedBytes }) => loadedBytes !== null)
      exchange.json(200, { models: running.map(runningOf) })
    },
    'POST /api/show': async exchange => {
      const body = checkParameters(showBody, {}, await readJson(exchange, maxQuestionBytes))
      const asked = body.model ?? body.name
      if (asked === undefined) throw invalid('model', "Missing required parameter: 'model'.")
      const found = listModels(view, exchange.caller).find(
        ({ status }) => status.modelId === modelNamed(asked),
      )
      if (found) return exchange.json(200, descriptionOf(found))
      throw new MeshError('MODEL_NOT_FOUND', `The model '${asked}' does not exist on any Mac of this mesh.`)
    },
  }
}

/** In the form of Ollama's, which clients compare and shorten. */
function digestOf(fingerprint: string): string {
  return createHash('sha256').update(fingerprint).digest('hex')
}

/** What nobody has looked into the model for stays empty. */
const details = {
  parent_model: '',
  format: 'safetensors',
  family: '',
  families: [],
  parameter_size: '',
  quantization_level: '',
}

function tagOf({ status: { modelId, createdAtMs, sizeBytes, fingerprint } }: ListedModel) {
  const modifiedAt = new Date(createdAtMs).toISOString()
  return {
    name: modelId,
    model: modelId,
    modified_at: modifiedAt,
    size: sizeBytes,
    digest: digestOf(fingerprint),
    details,
  }
}

function runningOf({ status, loadedBytes }: ListedModel) {
  const { modelId, fingerprint, contextTokens } = status
  return {
    name: modelId,
    model: modelId,
    size: loadedBytes,
    digest: digestOf(fingerprint),
    details,
    expires_at: noEnd,
    size_vram: loadedBytes,
    context_length: contextTokens,
  }
}

function descriptionOf({ status, seesImages }: ListedModel) {
  const { modelId, createdAtMs, contextTokens, kind } = status
  return {
    modelfile: '',
    parameters: '',
    template: '',
    license: '',
    details,
    model_info: {
      'general.architecture': 'mlx',
      'general.basename': modelId,
      'mlx.context_length': contextTokens,
    },
    capabilities:
      kind === 'embedding' ? ['embedding'] : ['completion', 'tools', ...(seesImages ? ['vision'] : [])],
    modified_at: new Date(createdAtMs).toISOString(),
  }
}
