import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { extname, join, relative } from 'node:path'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** The same policy as the peer's own door. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

export async function sendFile(res: ServerResponse, folder: string, name: string): Promise<void> {
  const file = join(folder, name)
  const type = types[extname(file)]
  const content =
    relative(folder, file).startsWith('..') || !type ? null : await readFile(file).catch(() => null)
  if (!content || !type) return void res.writeHead(404).end('not here')
  res.writeHead(200, { 'content-type': type, 'content-security-policy': policy }).end(content)
}
