// `mlx-mesh doctor`: looks at every part, says how to mend what is broken, and mends nothing itself.
import { parseArgs } from 'node:util'
import { type Finding, listChecks } from './doctor-checks.ts'
import { peerOptions } from './peer-options.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export async function runDoctor(args: string[], terminal: Terminal): Promise<ExitCode> {
  const { values } = parseArgs({ args, options: peerOptions })
  const findings: (Finding & { readonly check: string })[] = []
  for (const { check, look } of listChecks(terminal, values.url)) {
    const finding = { check, ...(await look()) }
    findings.push(finding)
    if (!values.json) terminal.say(describe(finding))
  }
  const failed = findings.filter(finding => finding.status === 'fail').length
  const warned = findings.filter(finding => finding.status === 'warn').length
  if (values.json) terminal.say(`${JSON.stringify({ ok: failed === 0, findings })}\n`)
  else terminal.say(`\n${findings.length - failed - warned} ok, ${warned} to know, ${failed} broken\n`)
  return failed === 0 ? 0 : 1
}

function describe({ check, status, message, mend }: Finding & { readonly check: string }): string {
  const mark = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' }[status]
  return `${mark}  ${check}: ${message}\n${mend === undefined ? '' : `      → ${mend}\n`}`
}
