// node_modules from the lock file. It brings Node 24 itself, as a package, so that every script below runs on it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { mustRun } from './run-command.mjs'

/** @param {string} root @returns {import('./step.mjs').Step} */
export function nodeModules(root) {
  return {
    name: 'Node.js packages and Node 24',
    folder: join(root, 'node_modules'),
    inPlace: true, // npm decides where they go
    proof: '.bin/node',
    inputs: () => [readFileSync(join(root, 'package-lock.json'))],
    async make(_folder, report) {
      const npm = npmCommand()
      // Whatever the user's npm leaves out by its settings or NODE_ENV, these are needed. No package has to run scripts.
      const flags = [
        '--include=dev',
        '--include=optional',
        '--bin-links=true',
        '--ignore-scripts',
        '--loglevel=error',
      ]
      await mustRun(npm.program, [...npm.args, 'ci', ...flags], {
        cwd: root,
        onLine: report,
        remedy:
          'Read what npm says above. Without a network: connect and run it again. Behind a proxy: `npm config set proxy …`.',
      })
      await mustRun(join(root, 'node_modules', '.bin', 'node'), ['--version'], {
        remedy: 'The downloaded Node 24 does not run here. It needs macOS 13.5 or Linux with glibc 2.28.',
      })
    },
  }
}

/**
 * Under `npm start` that npm itself, else the one on the PATH. It runs on the Node that runs npm: npm puts node_modules/.bin
 * first on the PATH, so this very process may run on the Node that the step removes.
 */
function npmCommand() {
  const { npm_execpath: npm, npm_node_execpath: node } = process.env
  return npm?.endsWith('npm-cli.js') && node ? { program: node, args: [npm] } : { program: 'npm', args: [] }
}
