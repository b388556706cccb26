// Numbers and tables for people.
import type { ModelStatus } from '../protocol/models.ts'

/** `loading`; `copying, 40 %` or `downloading, 40 %` in whole steps of ten. */
export function describeState({ state, copied }: ModelStatus): string {
  if (state !== 'downloading') return state === 'unloaded' ? 'on disk' : state
  if (!copied) return 'looking for it'
  const share = copied.ofBytes > 0 ? copied.bytes / copied.ofBytes : 0
  return `${copied.from === 'hub' ? 'downloading' : 'copying'}, ${Math.floor(share * 10) * 10} %`
}

/** `3 d 4 h`, `5 min`, `12 s` */
export function formatDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** Columns as wide as their widest cell; the last one is not padded. What others have named gives the terminal no orders. */
export function formatTable(cells: readonly (readonly string[])[]): string {
  const rows = cells.map(row => row.map(cell => cell.replace(/\p{Cc}/gu, '\u{fffd}')))
  const columns = rows[0]?.length ?? 0
  const widths = Array.from({ length: columns }, (_, i) => Math.max(...rows.map(row => row[i]?.length ?? 0)))
  const lines = rows.map(row =>
    row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join('  '),
  )
  return lines.map(line => `${line.trimEnd()}\n`).join('')
}
