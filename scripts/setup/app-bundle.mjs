// The app's own program, bundled from the source: see `scripts/app/bundle.mjs`.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { node24Of } from '../run-node24.mjs'
import { mustRun } from './run-command.mjs'

const sources = ['main', 'preload']
const others = ['package.json', 'package-lock.json', 'scripts/app/bundle.mjs']

/** @param {string} root */
const appOf = root => join(root, 'resources', 'runtime', 'app')

/** @param {string} root @returns {import('./step.mjs').Step} */
export function appBundle(root) {
  return {
    name: "The app's bundle",
    folder: appOf(root),
    proof: 'main.cjs',
    inputs: () =>
      [...sources.flatMap(folder => filesIn(root, folder)), ...others].flatMap(file => [
        file,
        readFileSync(join(root, file)),
      ]),
    async make(folder, report) {
      await mustRun(node24Of(root), [join(root, 'scripts', 'app', 'bundle.mjs'), folder], {
        cwd: root,
        onLine: report,
        remedy: 'The source has an error that stands above: mend it, and run this again.',
      })
    },
  }
}

/** @param {string} root @param {string} folder */
function filesIn(root, folder) {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .sort()
    .map(file => join(folder, file))
}
