// `npm test`: its own set-up, every check and every test; goes on after a failure and closes with one line.
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runChecks } from './run-checks.mjs'
import { prepare, root } from './setup/command.mjs'
import { runCommand } from './setup/run-command.mjs'
import { toTest } from './setup/steps.mjs'
import { closingLine, readPytest, readVitest, tallyOf, total } from './tally.mjs'
import { pytest, toolEnvironment, vitest } from './tools.mjs'

await prepare(toTest(root))

const reports = join(root, 'test-results')
rmSync(reports, { recursive: true, force: true })
mkdirSync(reports)

heading('Checks')
const tallies = await runChecks(root)
tallies.push(await runTests(vitest, 'vitest.json', readVitest))
tallies.push(await runTests(pytest, 'pytest.xml', readPytest))

const { failed, skipped } = total(tallies)
if (skipped.length > 0) heading('Skipped')
for (const line of skipped) console.log(`- ${line}`)
console.log(`\n${closingLine(tallies)}`)
process.exitCode = failed > 0 ? 1 : 0

/**
 * @param {typeof vitest} runner
 * @param {string} reportName
 * @param {(report: string) => import('./tally.mjs').Tally} read
 */
async function runTests(runner, reportName, read) {
  const report = join(reports, reportName)
  const { name, program, args, cwd } = runner(root, report)
  heading(name)
  const { ok, ending } = await runCommand(program, args, {
    cwd,
    env: toolEnvironment(root),
    onLine: line => console.log(line),
  })
  if (!ok) console.log(`${name}: ${program} ${ending}`)
  return tallyOf({ ok, report: readIfThere(report) }, read)
}

/** @param {string} path */
function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** @param {string} text */
function heading(text) {
  console.log(`\n── ${text} ──`)
}
