// The clients that people point at the endpoint, in an environment of their own: they ask for other versions of each
// other's libraries than the runtime does.
import { join } from 'node:path'
import { findPython } from './find-python.mjs'
import { lockFile, pipInstall } from './pip.mjs'
import { makeEnvironment } from './python-environment.mjs'

/** @param {string} root @returns {import('./step.mjs').Step} */
export function pythonClients(root) {
  const locked = lockFile(root, 'requirements-clients.txt')
  const folder = join(root, 'resources', 'runtime', 'python-clients')
  return {
    name: 'Clients of the endpoint for tests',
    folder,
    inPlace: true,
    proof: 'bin/python',
    inputs: () => [locked.content(), folder, process.env['MLX_MESH_PYTHON'] ?? ''],
    async make(_folder, report) {
      await makeEnvironment(await findPython(), folder)
      await pipInstall(join(folder, 'bin', 'python'), locked.path, { report })
    },
  }
}
