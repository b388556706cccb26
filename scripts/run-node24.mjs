// Runs a program of this checkout on the Node 24 that set-up brought, as if it had been started instead of this one.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { stopWithOwner } from './stop-with-owner.mjs'

const forwarded = /** @type {const} */ (['SIGHUP', 'SIGINT', 'SIGTERM'])
/**
 * Node 24.0 warns about type stripping and SQLite, which are what we build on. And V8 would let what is young grow to
 * 100 MB before it looks through it: that memory is its owner's, not ours.
 */
export const nodeFlags = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=8']

/** @param {string} root */
export const node24Of = root => join(root, 'node_modules', '.bin', 'node')

/**
 * The child holds an IPC channel, so that it notices when this process is killed: MLX_MESH_PARENT tells it to stop then.
 * @param {string} node
 * @param {string[]} args
 * @param {string} cwd
 */
export function runNode24(node, args, cwd = process.cwd()) {
  follow(
    spawn(node, [...nodeFlags, ...args], {
      cwd,
      env: childEnvironment(),
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    }),
  )
}

/**
 * As above, and starts the program anew whenever its source changes. Node's watcher does not look at its channel.
 * @param {string} node
 * @param {string[]} args
 * @param {string} cwd
 */
export function watchNode24(node, args, cwd) {
  const program = [node, ...nodeFlags, '--watch', '--watch-preserve-output', ...args]
  const options = { cwd, env: childEnvironment() }
  follow(
    spawn('sh', ['-c', stopWithOwner('kill -s TERM $$'), 'guard', ...program], {
      ...options,
      stdio: ['pipe', 'inherit', 'inherit'],
    }),
  )
}

function childEnvironment() {
  return { ...process.env, MLX_MESH_PARENT: '1' }
}

/**
 * Passes signals on, and ends this process as the child ends.
 * @param {import('node:child_process').ChildProcess} child
 */
function follow(child) {
  for (const signal of forwarded) {
    process.on(signal, () => {
      // Ctrl-C in a terminal reaches the child by itself; a second one would look like impatience.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  }
  child.on('error', error => {
    console.error(`Node 24 did not start: ${error.message}\n\nWhat to do: run \`npm start\` once.`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    for (const forwardedSignal of forwarded) process.removeAllListeners(forwardedSignal)
    if (signal) process.kill(process.pid, signal)
    else process.exit(code ?? 1)
  })
}
