// The dashboard of `GET /`: the files of one folder, read once. Nothing else of the disk can be asked for.
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { pagePolicy, pageTypes } from '../protocol/page.ts'
import type { Handler, Routes } from './router.ts'

const headers = [
  'content-security-policy',
  pagePolicy(),
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
    const type = pageTypes.get(extname(file))
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
