// The optional layer for images, as `mlx-mesh vision install` installs it, for tests.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lockFile, pipInstall } from './pip.mjs'
import { isPython310, pythonOf } from './python-environment.mjs'

/** @param {string} root @returns {import('./step.mjs').Step} */
export function visionLayer(root) {
  const locked = lockFile(root, 'requirements-vision.txt')
  return {
    name: 'Layer for images for tests',
    folder: join(root, 'resources', 'runtime', 'vision'),
    proof: 'layer.txt',
    inputs: () => [locked.content(), process.env['MLX_MESH_PYTHON'] ?? ''],
    async make(folder, report) {
      // Its tests are skipped there.
      const missing = await isPython310(pythonOf(root))
      if (!missing)
        await pipInstall(pythonOf(root), locked.path, { flags: ['--no-deps', '--target', folder], report })
      writeFileSync(join(folder, 'layer.txt'), missing ? 'needs Python 3.11\n' : 'complete\n')
    },
  }
}
