// A tiny random model that sees, for tests: the tiny model with eyes.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pythonOf } from './python-environment.mjs'
import { mustRun } from './run-command.mjs'

/** @param {string} root @returns {import('./step.mjs').Step} */
export function tinyVisionModel(root) {
  const maker = join(root, 'python', 'make_tiny_vision_model.py')
  const tinyMaker = join(root, 'python', 'make_tiny_model.py')
  const models = join(root, 'resources', 'runtime', 'test-models')
  return {
    name: 'Tiny model that sees for tests',
    folder: join(models, 'tiny-vision'),
    proof: 'model.safetensors',
    inputs: () => [readFileSync(maker), readFileSync(tinyMaker)],
    async make(folder) {
      await mustRun(pythonOf(root), ['-I', maker, join(models, 'tiny'), folder], {
        remedy: 'This is a fault of MLX Mesh: please report it with the lines above.',
      })
    },
  }
}
