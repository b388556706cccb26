// Runs the static checks one after the other; each counts as one test.
import { runCommand } from './setup/run-command.mjs'
import { staticChecks, toolEnvironment } from './tools.mjs'

/**
 * @param {string} root
 * @returns {Promise<import('./tally.mjs').Tally[]>}
 */
export async function runChecks(root) {
  const tallies = []
  for (const { name, program, args, cwd } of staticChecks(root)) {
    const { ok, ending, output } = await runCommand(program, args, { cwd, env: toolEnvironment(root) })
    console.log(ok ? `✓ ${name}` : `\n✗ ${name}: ${program} ${ending}\n${output}\n`)
    tallies.push({ passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: [] })
  }
  return tallies
}
