import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { renderReport } from './render.ts'
import type { StoredReport } from './report.ts'

const resultsFolder = new URL('../results/', import.meta.url)
const readmeFile = new URL('../README.md', import.meta.url)

/** Writes `results/NAME.json` and the benchmark's part of the README, which stands between two markers. */
export async function storeReport(report: StoredReport): Promise<void> {
  await mkdir(resultsFolder, { recursive: true })
  await writeFile(new URL(`${report.bench}.json`, resultsFolder), `${JSON.stringify(report, null, 2)}\n`)
  const readme = await readFile(readmeFile, 'utf8')
  await writeFile(readmeFile, replacePart(readme, report.bench, renderReport(report)))
}

export function replacePart(document: string, name: string, part: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const [from, until] = [document.indexOf(open), document.indexOf(close)]
  if (from < 0 || until < from) throw new Error(`the document has no part between ${open} and ${close}`)
  return `${document.slice(0, from + open.length)}\n${part}\n${document.slice(until)}`
}
