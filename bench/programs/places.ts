// What set-up has made beside the parts of the app (`main/config/parts.ts`).
import { join, resolve } from 'node:path'
import { parts } from '../../main/config/parts.ts'

export const repository = resolve(import.meta.dirname, '..', '..')

export const headlessProgram = join(repository, 'main', 'headless.ts')
/** SmolLM2-135M-Instruct: a real model, slow on a CPU. */
export const starterModelFolder = join(parts.models, 'SmolLM2-135M-Instruct')
/** A random two-layer llama: fast, so that what surrounds the model counts. */
export const tinyModelFolder = join(repository, 'resources', 'runtime', 'test-models', 'tiny')
/** all-MiniLM-L6-v2: makes vectors. */
export const embeddingModelFolder = join(
  repository,
  'resources',
  'runtime',
  'test-models',
  'all-MiniLM-L6-v2',
)
