// Counts what test runners report, and writes the closing line. Pure: reports come in as text.

/** @typedef {{ passed: number, failed: number, skipped: string[] }} Tally one line, with its reason, for each skipped test */

/** @param {Tally[]} tallies */
export function closingLine(tallies) {
  const sum = total(tallies)
  const skipped = sum.skipped.length > 0 ? `, ${sum.skipped.length} skipped` : ''
  return `${sum.passed} passed, ${sum.failed} failed${skipped}`
}

/** @param {Tally[]} tallies @returns {Tally} */
export function total(tallies) {
  return {
    passed: tallies.reduce((sum, tally) => sum + tally.passed, 0),
    failed: tallies.reduce((sum, tally) => sum + tally.failed, 0),
    skipped: tallies.flatMap(tally => tally.skipped),
  }
}

/**
 * A runner that crashed, found no test or wrote no report is a failure of its own, whatever its report says.
 * @param {{ ok: boolean, report: string | undefined }} run
 * @param {(report: string) => Tally} read
 * @returns {Tally}
 */
export function tallyOf({ ok, report }, read) {
  const tally = report === undefined ? { passed: 0, failed: 0, skipped: [] } : readOrNothing(report, read)
  const tests = tally.passed + tally.failed + tally.skipped.length
  const unexplained = tally.failed === 0 && (!ok || tests === 0)
  return unexplained ? { ...tally, failed: 1 } : tally
}

/** @param {string} report @param {(report: string) => Tally} read @returns {Tally} */
function readOrNothing(report, read) {
  try {
    return read(report)
  } catch {
    return { passed: 0, failed: 0, skipped: [] } // cut off in the middle of writing
  }
}

/** @param {string} report vitest's JSON @returns {Tally} */
export function readVitest(report) {
  /** @type {{ testResults: { name: string, status: string, assertionResults: { fullName: string, status: string, failureMessages?: string[] }[] }[] }} */
  const { testResults } = JSON.parse(report)
  const tests = testResults.flatMap(file => file.assertionResults)
  const count = (/** @type {string} */ status) => tests.filter(test => test.status === status).length
  // A file that failed although none of its tests did broke outside of them: in an import or a hook.
  const broken = testResults.filter(
    file => file.status === 'failed' && !file.assertionResults.some(test => test.status === 'failed'),
  )
  return {
    passed: count('passed'),
    failed: count('failed') + broken.length,
    skipped: tests.filter(test => !['passed', 'failed'].includes(test.status)).map(test => test.fullName),
  }
}

/** @param {string} report pytest's JUnit XML @returns {Tally} */
export function readPytest(report) {
  const suite = /<testsuite [^>]*>/.exec(report)?.[0] ?? ''
  const attribute = (/** @type {string} */ name) =>
    Number(new RegExp(` ${name}="(\\d+)"`).exec(suite)?.[1] ?? 0)
  const failed = attribute('failures') + attribute('errors')
  const skipped = [
    ...report.matchAll(/<testcase [^>]*name="([^"]*)"[^>]*>\s*<skipped [^>]*message="([^"]*)"/g),
  ].map(([, name, reason]) => `${name}: ${reason}`)
  return { passed: attribute('tests') - failed - skipped.length, failed, skipped }
}
