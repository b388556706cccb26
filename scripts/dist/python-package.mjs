// The runtime's own modules for the app, compiled by the Python that will run them.
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compile, standaloneOf, standalonePython } from './standalone-python.mjs'

/** @param {string} root @returns {import('../setup/step.mjs').Step} */
export function pythonPackage(root) {
  const source = join(root, 'python', 'mlx_mesh_runtime')
  const modules = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(name =>
    name.endsWith('.py'),
  )
  return {
    name: 'The runtime of models for the app',
    folder: join(root, 'resources', 'runtime', 'python-package-mac'),
    proof: 'mlx_mesh_runtime/__main__.py',
    inputs: () => [
      ...standalonePython(root).inputs(),
      ...modules.flatMap(name => [name, readFileSync(join(source, name))]),
    ],
    async make(folder) {
      const target = join(folder, 'mlx_mesh_runtime')
      for (const name of modules) cpSync(join(source, name), join(target, name))
      await compile(join(standaloneOf(root), 'bin', 'python'), target, folder)
    },
  }
}
