import { describe, expect, test } from 'vitest'
import { closingLine, readPytest, readVitest, tallyOf } from '../../scripts/tally.mjs'

const vitestReport = (files: { status: string; tests: [title: string, status: string][] }[]) =>
  JSON.stringify({
    testResults: files.map(({ status, tests }) => ({
      name: 'some.test.ts',
      status,
      assertionResults: tests.map(([fullName, testStatus]) => ({ fullName, status: testStatus })),
    })),
  })

const pytestReport = (attributes: string, cases = '') =>
  `<?xml version="1.0"?><testsuites name="pytest tests"><testsuite name="pytest" ${attributes} time="1.2">${cases}</testsuite></testsuites>`

describe('the closing line', () => {
  test('adds up all tallies', () => {
    const tallies = [
      { passed: 3, failed: 0, skipped: [] },
      { passed: 4, failed: 1, skipped: [] },
    ]
    expect(closingLine(tallies)).toBe('7 passed, 1 failed')
  })

  test('speaks of skipped tests only when there are some', () => {
    expect(closingLine([{ passed: 1, failed: 0, skipped: ['a: no disk'] }])).toBe(
      '1 passed, 0 failed, 1 skipped',
    )
  })
})

describe('the report of vitest', () => {
  test('gives passed, failed and skipped tests', () => {
    const report = vitestReport([
      {
        status: 'failed',
        tests: [
          ['a', 'passed'],
          ['b', 'failed'],
          ['c', 'skipped'],
          ['d', 'todo'],
        ],
      },
    ])
    expect(readVitest(report)).toEqual({ passed: 1, failed: 1, skipped: ['c', 'd'] })
  })

  test('counts a file that does not load as a failure', () => {
    const report = vitestReport([
      { status: 'failed', tests: [] },
      { status: 'passed', tests: [['a', 'passed']] },
    ])
    expect(readVitest(report)).toEqual({ passed: 1, failed: 1, skipped: [] })
  })
})

describe('the report of pytest', () => {
  test('counts errors in fixtures and imports as failures', () => {
    const report = pytestReport('errors="1" failures="2" skipped="0" tests="10"')
    expect(readPytest(report)).toEqual({ passed: 7, failed: 3, skipped: [] })
  })

  test('gives the reason of a skipped test', () => {
    const skipped = `<testcase classname="x" name="test_b" time="0.1"><skipped type="pytest.skip" message="needs a GPU">x.py:1: needs a GPU</skipped></testcase>`
    const passed = `<testcase classname="x" name="test_a" time="0.1" />`
    const report = pytestReport('errors="0" failures="0" skipped="1" tests="2"', passed + skipped)
    expect(readPytest(report)).toEqual({ passed: 1, failed: 0, skipped: ['test_b: needs a GPU'] })
  })
})

describe('a test run never passes for one that worked', () => {
  const onePassed = vitestReport([{ status: 'passed', tests: [['a', 'passed']] }])

  test.each([
    ['when it crashed before it wrote a report', { ok: false, report: undefined }],
    ['when it ended well but wrote no report', { ok: true, report: undefined }],
    ['when its report is cut off', { ok: true, report: onePassed.slice(0, 40) }],
    ['when it found no tests', { ok: true, report: vitestReport([]) }],
    ['when all tests passed but the run failed', { ok: false, report: onePassed }],
  ])('%s', (_, run) => {
    expect(tallyOf(run, readVitest).failed).toBe(1)
  })

  test('and one that worked is counted as it is', () => {
    expect(tallyOf({ ok: true, report: onePassed }, readVitest)).toEqual({
      passed: 1,
      failed: 0,
      skipped: [],
    })
  })
})
