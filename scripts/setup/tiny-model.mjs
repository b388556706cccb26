// A tiny random model for tests and benchmarks: real MLX, fast, nonsense.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pythonOf } from './python-environment.mjs'
import { mustRun } from './run-command.mjs'
import { starterOf } from './starter-model.mjs'

/** @param {string} root @returns {import('./step.mjs').Step} */
export function tinyModel(root) {
  const maker = join(root, 'python', 'make_tiny_model.py')
  return {
    name: 'Tiny model for tests',
    folder: join(root, 'resources', 'runtime', 'test-models', 'tiny'),
    proof: 'model.safetensors',
    inputs: () => [readFileSync(maker), readFileSync(join(starterOf(root), 'tokenizer.json'))],
    async make(folder) {
      await mustRun(pythonOf(root), ['-I', maker, starterOf(root), folder], {
        remedy: 'This is a fault of MLX Mesh: please report it with the lines above.',
      })
    },
  }
}
