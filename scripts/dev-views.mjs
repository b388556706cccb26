// `npm run dev:views`: the dashboard with canned meshes, built anew whenever its source changes.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { node24Of, runNode24 } from './run-node24.mjs'
import { prepare, root } from './setup/command.mjs'
import { toTest } from './setup/steps.mjs'

await prepare(toTest(root))
const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
const config = join(root, 'renderer', 'vite.config.ts')
const builder = spawn(node24Of(root), [vite, 'build', '--watch', '--config', config, '--logLevel', 'warn'], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
})
process.on('exit', () => builder.kill())
runNode24(node24Of(root), [join(root, 'test', 'views', 'main.ts')], root)
