// `npm run app`: makes what is missing, then opens the app from the checkout.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { prepare, root } from './setup/command.mjs'
import { electronOf } from './setup/electron.mjs'
import { toOpenApp } from './setup/steps.mjs'

await prepare(toOpenApp(root))
const program = electronOf(root)
if (program === null) throw new Error('set-up has left no Electron')
// Chromium refuses to run with its sandbox as root, which on Linux is how containers run.
const flags = process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : []
const main = join(root, 'resources', 'runtime', 'app', 'main.cjs')
const app = spawn(program, [...flags, main, ...process.argv.slice(2)], { stdio: 'inherit' })
for (const signal of /** @type {const} */ (['SIGHUP', 'SIGINT', 'SIGTERM'])) {
  // Ctrl-C in a terminal reaches the app by itself; a second one would look like impatience.
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) app.kill(signal)
  })
}
app.on('error', error => {
  console.error(`Electron did not start: ${error.message}`)
  process.exit(1)
})
app.on('exit', code => process.exit(code ?? 1))
