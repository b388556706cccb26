// Reads what must be known of a model folder before it is loaded.
import { createHash, type Hash } from 'node:crypto'
import { open, readdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { isEmbeddingFolder, isModuleFolder } from './embedding-folder.ts'
import type { ModelFiles } from './engine.ts'

export interface ModelFile {
  /** Of a module of an embedding model with its folder: `1_Pooling/config.json`. */
  readonly name: string
  readonly sizeBytes: number
  readonly mtimeMs: number
}

const contextKeys = [
  'max_position_embeddings',
  'n_positions',
  'max_seq_len',
  'seq_length',
  'model_max_length',
]
/** As the runtime assumes where a model does not say; it has the last word when it has loaded it. */
const defaultContextTokens = 8192
const tokenizerNames = ['tokenizer.json', 'tokenizer.model', 'vocab.json']

/** Of each file of weights, evenly spread. */
const samples = 16
const sampleBytes = 4096
const readByTokenizer = /\.(json|jinja|model|txt)$/

const modelConfig = z.looseObject({
  text_config: z.looseObject({}).optional(),
  /** What the model sees with. */
  vision_config: z.unknown().optional(),
})
/** Of an embedding model: the longest input it was made for, below what its config.json has positions for. */
const sentenceConfig = z.looseObject({ max_seq_length: z.number().int().positive().optional() })
const sentenceConfigName = 'sentence_bert_config.json'
const shardIndex = z.object({ weight_map: z.record(z.string(), z.string()) })

/** The model, or for a reader why the folder holds none. */
export async function inspectFolder(
  modelId: string,
  folder: string,
  files: readonly ModelFile[],
): Promise<ModelFiles | string> {
  const names = files.map(file => file.name)
  const weights = files.filter(file => file.name.endsWith('.safetensors'))
  if (weights.length === 0) return 'It has no weights: a file that ends in .safetensors.'
  if (!names.some(name => tokenizerNames.includes(name))) return 'It has no tokenizer.json.'
  const missing = await missingShards(folder, files)
  if (typeof missing === 'string') return missing

  const config = await readJson(folder, 'config.json', modelConfig)
  if (typeof config === 'string') return config
  const sentences = names.includes(sentenceConfigName)
    ? await readJson(folder, sentenceConfigName, sentenceConfig)
    : {}
  let fingerprint: string
  try {
    fingerprint = await fingerprintOf(folder, files)
  } catch (error) {
    return `Its files cannot be read: ${error instanceof Error ? error.message : error}`
  }
  return {
    modelId,
    folder,
    fingerprint,
    sizeBytes: weights.reduce((sum, file) => sum + file.sizeBytes, 0),
    contextTokens: Math.min(
      contextTokensOf(config) ?? contextTokensOf(config.text_config ?? {}) ?? defaultContextTokens,
      typeof sentences === 'string'
        ? Number.POSITIVE_INFINITY
        : (sentences.max_seq_length ?? Number.POSITIVE_INFINITY),
    ),
    createdAtMs: Math.floor(files.find(file => file.name === 'config.json')?.mtimeMs ?? 0),
    ...(isEmbeddingFolder(names, config['model_type']) ? { kind: 'embedding' } : {}),
    ...(isObject(config.vision_config) ? { hasEyes: true } : {}),
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

/** Of what the tokens of an answer depend on. The weights count by samples: reading gigabytes takes minutes. */
async function fingerprintOf(folder: string, files: readonly ModelFile[]): Promise<string> {
  const hash = createHash('sha256')
  for (const { name, sizeBytes } of [...files].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (name.endsWith('.safetensors')) await sampleInto(hash, join(folder, name), sizeBytes)
    else if (readByTokenizer.test(name)) hash.update(`${name}\n`).update(await readFile(join(folder, name)))
  }
  return hash.digest('base64url').slice(0, 16)
}

/** Another training of the same model differs nearly everywhere; another one altogether in its size or its header. */
async function sampleInto(hash: Hash, path: string, sizeBytes: number): Promise<void> {
  hash.update(`${basename(path)} ${sizeBytes}\n`)
  const file = await open(path)
  try {
    const sample = Buffer.alloc(sampleBytes)
    for (let n = 0; n < samples; n++) {
      const offset = Math.floor((n * sizeBytes) / samples)
      const { bytesRead } = await file.read(sample, 0, sampleBytes, offset)
      hash.update(sample.subarray(0, bytesRead))
    }
  } finally {
    await file.close()
  }
}

/** Files of a folder with their sizes, links followed, hidden ones left out; empty where there is none. */
export async function listFiles(folder: string): Promise<ModelFile[]> {
  const names = await visibleNames(folder)
  const lists = await Promise.all(
    names.map(async name => {
      const found = await stat(join(folder, name)).catch(() => null)
      if (found?.isFile()) return [{ name, sizeBytes: found.size, mtimeMs: found.mtimeMs }]
      return found?.isDirectory() && isModuleFolder(name) ? listModule(folder, name) : []
    }),
  )
  return lists.flat()
}

async function listModule(folder: string, module: string): Promise<ModelFile[]> {
  const names = await visibleNames(join(folder, module))
  const files = names.map(async each => {
    const name = `${module}/${each}`
    const found = await stat(join(folder, name)).catch(() => null)
    return found?.isFile() ? { name, sizeBytes: found.size, mtimeMs: found.mtimeMs } : null
  })
  return (await Promise.all(files)).filter(file => file !== null)
}

async function visibleNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  return names.filter(name => !name.startsWith('.'))
}

/** Large models come in several files; a copy or a download may have been cut off between them. */
async function missingShards(folder: string, files: readonly ModelFile[]): Promise<string | null> {
  const name = 'model.safetensors.index.json'
  if (!files.some(file => file.name === name)) return null
  const index = await readJson(folder, name, shardIndex)
  if (typeof index === 'string') return index
  const wanted = new Set(Object.values(index.weight_map))
  const missing = [...wanted].filter(shard => !files.some(file => file.name === shard))
  if (missing.length === 0) return null
  return `${missing.length} of its ${wanted.size} weight files are missing, the first is ${missing[0]}.`
}

async function readJson<T>(folder: string, name: string, shape: z.ZodType<T>): Promise<T | string> {
  try {
    return shape.parse(JSON.parse(await readFile(join(folder, name), 'utf8')))
  } catch (error) {
    if (error instanceof z.ZodError) return `Its ${name} does not have the expected form.`
    return `Its ${name} cannot be read: ${error instanceof Error ? error.message : error}`
  }
}

function contextTokensOf(config: Readonly<Record<string, unknown>>): number | null {
  for (const key of contextKeys) {
    const value = config[key]
    if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value
  }
  return null
}
