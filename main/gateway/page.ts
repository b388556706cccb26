// The dashboard of `GET /`: the files of one folder, read once. Nothing else of the disk can be asked for.
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { Handler, Routes } from './router.ts'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
}

/** Only what comes from this door runs, and no other page may show it in a frame. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
  "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const headers = [
  'content-security-policy',
  policy,
  'x-content-type-options',
  'nosniff',
  'referrer-policy',
  'no-referrer',
]

/** Throws as the disk does where the folder is not there. */
export function pageRoutes(folder: string | null): Routes {
  if (folder === null) return {}
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  const routes = files.flatMap(file => {
    const type = types[extname(file)]
    return type === undefined ? [] : [[`GET /${file}`, send(join(folder, file), type)] as const]
  })
  const page = routes.find(([route]) => route === 'GET /index.html')
  if (!page) throw new Error(`${folder} has no index.html`)
  return Object.fromEntries([...routes, ['GET /', page[1]]])
}

function send(file: string, type: string): Handler {
  const content = readFileSync(file)
  return exchange => exchange.send(200, type, content, headers)
}
