// `mlx-mesh doctor`: looks at every part, says how to mend what is broken, and mends nothing itself.
import { parseArgs } from 'node:util'
import { listChecks } from '../doctor/checks.ts'
import type { Finding } from '../doctor/finding.ts'
import { peerOptions } from './peer-options.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export async function runDoctor(args: string[], terminal: Terminal): Promise<ExitCode> {
  const { values } = parseArgs({ args, options: peerOptions })
  const { env } = terminal
  const found: { readonly title: string; readonly finding: Finding }[] = []
  for (const { title, look } of listChecks({ env, layers: { env }, url: values.url })) {
    const finding = await look()
    found.push({ title, finding })
    if (!values.json) terminal.say(describe(title, finding))
  }
  const failed = found.filter(({ finding }) => finding.status === 'fail').length
  const warned = found.filter(({ finding }) => finding.status === 'warn').length
  if (values.json) terminal.say(`${JSON.stringify({ ok: failed === 0, findings: found.map(asJson) })}\n`)
  else terminal.say(`\n${found.length - failed - warned} ok, ${warned} to know, ${failed} broken\n`)
  return failed === 0 ? 0 : 1
}

function asJson({ title, finding }: { readonly title: string; readonly finding: Finding }) {
  const { status, message, advice } = finding
  return { check: title, status, message, ...(advice === undefined ? {} : { mend: advice }) }
}

function describe(title: string, { status, message, advice }: Finding): string {
  const mark = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' }[status]
  return `${mark}  ${title}: ${message}\n${advice === undefined ? '' : `      → ${advice}\n`}`
}
