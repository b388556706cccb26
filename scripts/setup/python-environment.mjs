// The Python that models run on: a virtual environment with exactly the locked packages.
import { join } from 'node:path'
import { findPython } from './find-python.mjs'
import { lockFile, pipInstall } from './pip.mjs'
import { mustRun } from './run-command.mjs'

/** @param {string} root */
export const environmentOf = root => join(root, 'resources', 'runtime', 'python')

/** @param {string} root */
export const pythonOf = root => join(environmentOf(root), 'bin', 'python')

/** @param {string} root @returns {import('./step.mjs').Step} */
export function pythonEnvironment(root) {
  const locked = lockFile(root, 'requirements.txt')
  const lockedFor310 = lockFile(root, 'requirements-3.10.txt')
  const folder = environmentOf(root)
  return {
    name: 'Python environment with MLX',
    folder,
    inPlace: true, // an environment's scripts hold its path
    proof: 'bin/python', // a link that leads nowhere once the Python it was made from is uninstalled
    inputs: () => [locked.content(), lockedFor310.content(), folder, process.env['MLX_MESH_PYTHON'] ?? ''],
    async make(_folder, report) {
      const python = await findPython()
      await makeEnvironment(python, folder)
      await pipInstall(pythonOf(root), locked.path, { report })
      if (await isPython310(pythonOf(root))) {
        const flags = ['--no-deps', '--ignore-requires-python']
        await pipInstall(pythonOf(root), lockedFor310.path, { flags, report })
      }
      report('Importing MLX')
      await mustRun(pythonOf(root), ['-I', '-c', 'import mlx.core as mx; mx.eval(mx.ones(2) + 1)'], {
        remedy:
          'MLX is installed but does not run here. It needs macOS 14 or later, or Linux with glibc 2.35 or later.',
      })
    },
  }
}

/** @param {string} python @param {string} folder */
export async function makeEnvironment(python, folder) {
  await mustRun(python, ['-I', '-m', 'venv', folder], {
    remedy:
      'Python cannot make a virtual environment. On Debian and Ubuntu: `sudo apt install python3-venv`.',
  })
}

/** @param {string} python */
export async function isPython310(python) {
  const program = 'import sys; print(sys.version_info[:2] == (3, 10))'
  return (await mustRun(python, ['-I', '-c', program], { remedy: 'Run it again.' })).trim() === 'True'
}
