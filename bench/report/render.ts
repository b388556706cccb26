import { type Check, passes } from './check.ts'
import type { StoredReport, Table } from './report.ts'

/** A report as Markdown. */
export function renderReport(report: StoredReport): string {
  const { cpu, cores, memoryGB, kernel, node, mlx, mlxLm } = report.machine
  const versions = [`Node ${node}`, mlx && `mlx ${mlx}`, mlxLm && `mlx-lm ${mlxLm}`]
    .filter(Boolean)
    .join(', ')
  return [
    `\`${report.command}\`, ${report.measuredOn}. ${cpu}, ${cores} cores, ${memoryGB} GB, ${kernel}; ${versions}.`,
    report.notes.map(note => `- ${note}`).join('\n'),
    renderTable({
      title: 'Targets',
      columns: ['', 'measured', 'target', ''],
      rows: report.checks.map(checkRow),
    }),
    ...report.tables.map(renderTable),
  ].join('\n\n')
}

export function renderTable({ title, columns, rows }: Table): string {
  const line = (cells: readonly (string | number | null)[]) => `| ${cells.map(showCell).join(' | ')} |`
  return [`**${title}**`, '', line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n')
}

function checkRow(check: Check): string[] {
  const unit = check.unit === '' ? '' : ` ${check.unit}`
  return [
    check.what,
    `${showCell(check.measured)}${unit}`,
    `${check.atMost ? '≤' : '≥'} ${showCell(check.target)}${unit}`,
    passes(check) ? 'pass' : '**FAIL**',
  ]
}

/** Three significant digits are more than repeats agree on. */
function showCell(cell: string | number | null): string {
  if (cell === null || Number.isNaN(cell)) return '–'
  if (typeof cell === 'string') return cell
  if (Math.abs(cell) >= 100 || Number.isInteger(cell)) return Math.round(cell).toLocaleString('en-US')
  return String(Number(cell.toPrecision(3)))
}
