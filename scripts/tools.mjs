// How each tool that judges this checkout is called. The static ones are the whole of `npm run check`.
import { delimiter, join } from 'node:path'
import { toolsOf } from './setup/python-tools.mjs'

/** @typedef {{ name: string, program: string, args: string[], cwd: string }} Tool */

/** @param {string} root @returns {Tool[]} */
export function staticChecks(root) {
  const python = join(toolsOf(root), 'bin', 'python')
  const ruffFlags = ['--config', join('python', 'pyproject.toml'), 'python', 'test']
  return [
    { name: 'Types', program: 'tsc', args: ['--project', '.'], cwd: root },
    { name: 'Types of the page', program: 'tsc', args: ['--project', 'renderer'], cwd: root },
    {
      name: 'Format and lint',
      program: 'biome',
      args: ['check', '--error-on-warnings', '--diagnostic-level=warn'],
      cwd: root,
    },
    { name: 'Unused code', program: 'knip', args: [], cwd: root },
    { name: 'Python lint', program: 'ruff', args: ['check', ...ruffFlags], cwd: root },
    { name: 'Python format', program: 'ruff', args: ['format', '--check', ...ruffFlags], cwd: root },
    {
      name: 'Python types',
      program: 'basedpyright',
      args: ['--project', 'python', '--pythonpath', python],
      cwd: root,
    },
  ]
}

/** @param {string} root @param {string} report a JSON file @returns {Tool} */
export function vitest(root, report) {
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  return { name: 'Tests', program: 'vitest', args, cwd: root }
}

/** @param {string} root @param {string} report a JUnit XML file @returns {Tool} */
export function pytest(root, report) {
  const python = join(toolsOf(root), 'bin', 'python')
  const args = ['-m', 'pytest', `--junit-xml=${report}`]
  return { name: 'Python tests', program: python, args, cwd: join(root, 'python') }
}

/**
 * Finds the tools by name, and Node 24 first for those that are written in JavaScript.
 * @param {string} root
 * @returns {NodeJS.ProcessEnv}
 */
export function toolEnvironment(root) {
  const folders = [join(root, 'node_modules', '.bin'), join(toolsOf(root), 'bin'), process.env['PATH'] ?? '']
  return { ...process.env, PATH: folders.join(delimiter), HF_HUB_OFFLINE: '1' }
}
