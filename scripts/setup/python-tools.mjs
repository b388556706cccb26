// pytest, ruff, basedpyright and clients for tests, in an environment of their own on top of the models' one.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lockFile, pipInstall } from './pip.mjs'
import { environmentOf, makeEnvironment, pythonOf } from './python-environment.mjs'
import { mustRun } from './run-command.mjs'

/** @param {string} root */
export const toolsOf = root => join(root, 'resources', 'runtime', 'python-dev')

/** @param {string} root @returns {import('./step.mjs').Step} */
export function pythonTools(root) {
  const locked = lockFile(root, 'requirements-dev.txt')
  const folder = toolsOf(root)
  const python = join(folder, 'bin', 'python')
  return {
    name: 'Python tools for checks and tests',
    folder,
    inPlace: true,
    proof: 'bin/python',
    inputs: () => [locked.content(), folder, readFileSync(join(environmentOf(root), 'pyvenv.cfg'))],
    async make(_folder, report) {
      await makeEnvironment(pythonOf(root), folder)
      const remedy = 'Delete resources/runtime and run it again.'
      const where = ['-I', '-c', 'import sysconfig; print(sysconfig.get_path("purelib"))']
      const below = (await mustRun(pythonOf(root), where, { remedy })).trim()
      const own = (await mustRun(python, where, { remedy })).trim()
      // What lies below counts as installed, so pip adds only what is missing: MLX is there once.
      writeFileSync(join(own, 'below.pth'), `${below}\n`)
      await pipInstall(python, locked.path, { report })
    },
  }
}
