// The dashboard, built out of renderer/ and of what it shares with the peer.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { mustRun } from './run-command.mjs'

/** @param {string} root @returns {import('./step.mjs').Step} */
export function page(root) {
  return {
    name: 'Dashboard',
    folder: join(root, 'resources', 'runtime', 'page'),
    proof: 'index.html',
    inputs: () => [
      readFileSync(join(root, 'package-lock.json')),
      ...['renderer', 'preload', join('main', 'protocol')].flatMap(folder => contentsOf(join(root, folder))),
    ],
    async make(folder, report) {
      const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
      const config = join(root, 'renderer', 'vite.config.ts')
      const flags = ['build', '--config', config, '--outDir', folder, '--emptyOutDir', '--logLevel', 'warn']
      await mustRun(join(root, 'node_modules', '.bin', 'node'), [vite, ...flags], {
        cwd: root,
        onLine: report,
        remedy: 'This is a fault of MLX Mesh: please report it with the lines above.',
      })
    },
  }
}

/** @param {string} folder names and contents, so that a file that is renamed counts, too */
function contentsOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
    .flatMap(file => [file.slice(folder.length), readFileSync(file)])
}
