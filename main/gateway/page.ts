// The status page of `GET /`: three files, read once. Nothing else of the disk can be asked for.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Routes } from './router.ts'

const files = [
  { path: '/', file: 'index.html', type: 'text/html; charset=utf-8' },
  { path: '/app.js', file: 'app.js', type: 'text/javascript; charset=utf-8' },
  { path: '/app.css', file: 'app.css', type: 'text/css; charset=utf-8' },
]

/** Only what comes from this door runs, and no other page may show it in a frame. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const headers = [
  'content-security-policy',
  policy,
  'x-content-type-options',
  'nosniff',
  'referrer-policy',
  'no-referrer',
]

/** How often the page asks stands in `index.html`, where the configured pace takes its place. */
const standardPace = 'data-refresh-ms="2000"'

export function pageRoutes(folder: string | null, refreshIntervalMs: number): Routes {
  if (folder === null) return {}
  return Object.fromEntries(
    files.map(({ path, file, type }) => {
      const text = readFileSync(join(folder, file), 'utf8')
      const content = text.replace(standardPace, `data-refresh-ms="${refreshIntervalMs}"`)
      return [`GET ${path}`, exchange => exchange.send(200, type, content, headers)]
    }),
  )
}
