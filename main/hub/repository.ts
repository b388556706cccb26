// What a repository of the hub holds, and which of its files make a model here.
import { z } from 'zod'
import { MeshError } from '../protocol/errors.ts'
import { type HubOffer, hubOffer } from './hub-offer.ts'

/** `GET /api/models/{repository}/revision/main?blobs=true`, as far as it is read. */
export const repositoryAnswer = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  siblings: z.array(
    z.object({
      rfilename: z.string(),
      size: z.number().int().nonnegative().optional(),
      blobId: z.string().optional(),
      lfs: z.object({ sha256: z.string(), size: z.number().int().nonnegative() }).nullish(),
    }),
  ),
})
export type RepositoryAnswer = z.infer<typeof repositoryAnswer>

export const modelConfig = z.looseObject({
  model_type: z.string().optional(),
  max_position_embeddings: z.number().int().positive().optional(),
  text_config: z.looseObject({ max_position_embeddings: z.number().int().positive().optional() }).optional(),
})
export type ModelConfig = z.infer<typeof modelConfig>

/** What the runtime reads: the weights as mlx-lm looks for them, and all that a tokenizer or a template is made of. No code. */
const weights = /^model[^/\\]*\.safetensors$/
const beside = /^(\d{1,2}_[A-Za-z]{1,40}\/)?[^./\\][^/\\]*\.(json|jinja|model|txt|tiktoken)$/
/** Until the runtime has loaded it and has the last word. */
const assumedContextTokens = 8192

/** Throws MODEL_LOAD_FAILED, for a reader, when the repository does not hold a model that could be loaded here. */
export function offerOf(modelId: string, answer: RepositoryAnswer, config: ModelConfig): HubOffer {
  const hostile = answer.siblings.find(({ rfilename }) => leavesItsFolder(rfilename))
  if (hostile)
    throw unusable(modelId, `it names a file outside its folder, ${JSON.stringify(hostile.rfilename)}.`)
  const files = answer.siblings
    .filter(({ rfilename }) => weights.test(rfilename) || beside.test(rfilename))
    .map(sibling => ({
      name: sibling.rfilename,
      sizeBytes: sibling.lfs?.size ?? sibling.size,
      hash: sibling.lfs?.sha256 ?? sibling.blobId,
    }))
  const ofWeights = files.filter(({ name }) => weights.test(name))
  if (ofWeights.length === 0) {
    const why =
      'it has no weights that MLX reads (model*.safetensors). Look for a version of it by mlx-community.'
    throw unusable(modelId, why)
  }
  const offer = hubOffer.safeParse({
    modelId,
    fingerprint: '',
    sizeBytes: ofWeights.reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0),
    contextTokens:
      config.max_position_embeddings ?? config.text_config?.max_position_embeddings ?? assumedContextTokens,
    files: files.map(({ name, sizeBytes }) => ({ name, sizeBytes })),
    commit: answer.sha,
    hashes: Object.fromEntries(files.map(({ name, hash }) => [name, hash])),
  })
  if (offer.success) return offer.data
  const [issue] = offer.error.issues
  throw unusable(
    modelId,
    `the hub describes its files in an unexpected way (${issue?.path.join('.')}: ${issue?.message}).`,
  )
}

function leavesItsFolder(name: string): boolean {
  return /^[/\\]|\\|\0|^[A-Za-z]:/.test(name) || name.split('/').includes('..')
}

export function unusable(modelId: string, why: string): MeshError {
  return new MeshError('MODEL_LOAD_FAILED', `${modelId} cannot be used: ${why}`, { param: 'modelId' })
}
