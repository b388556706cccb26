import type { CheckState } from './use-doctor.ts'

/** For a bug report. Pure. */
export function findingsText(checks: readonly CheckState[], version: string): string {
  const lines = checks.map(({ title, finding }) => {
    if (!finding) return `....  ${title}: not looked at`
    const advice = finding.advice === null ? '' : `\n      ${finding.advice}`
    return `${finding.status.padEnd(4)}  ${title}: ${finding.message}${advice}`
  })
  return [`MLX Mesh ${version}`, ...lines, ''].join('\n')
}
