// pip as the user has configured it (index, proxy, certificates), but never with anything that no hash vouches for.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { mustRun } from './run-command.mjs'

const remedy =
  'Read what pip says above. Without a network: connect and run it again. Behind a proxy or a mirror: `pip config set …`.'

/**
 * @param {string} python the python of a virtual environment
 * @param {string} lockFile requirements with hashes
 * @param {{ flags?: string[], report: (line: string) => void }} options
 */
export async function pipInstall(python, lockFile, { flags = [], report }) {
  const safe = [
    '--require-hashes',
    '--only-binary',
    ':all:',
    '--no-user',
    '--disable-pip-version-check',
    '--progress-bar',
    'off',
    '--no-input',
  ]
  await mustRun(python, ['-I', '-m', 'pip', 'install', ...safe, ...flags, '-r', lockFile], {
    onLine: report,
    remedy,
  })
}

/** @param {string} root @param {string} name */
export function lockFile(root, name) {
  const path = join(root, 'python', name)
  return { path, content: () => readFileSync(path) }
}
