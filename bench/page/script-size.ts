import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { parts } from '../../main/config/parts.ts'

/** What a browser must load and run before it shows anything: the scripts that the page names, compressed; in kB of 1000 bytes. */
export async function initialScriptKB(folder = parts.page): Promise<number> {
  const html = await readFile(join(folder, 'index.html'), 'utf8')
  const names = [...html.matchAll(/(?:src|href)="([^"]+\.js)"/g)].map(([, name = '']) => name)
  if (names.length === 0) throw new Error(`${folder}/index.html names no script`)
  const scripts = await Promise.all(names.map(name => readFile(join(folder, name))))
  return scripts.reduce((sum, script) => sum + gzipSync(script).length, 0) / 1000
}
