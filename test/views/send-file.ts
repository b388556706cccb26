import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { extname, join, relative } from 'node:path'
import { pagePolicy, pageTypes } from '../../main/protocol/page.ts'

export async function sendFile(res: ServerResponse, folder: string, name: string): Promise<void> {
  const file = join(folder, name)
  const type = pageTypes.get(extname(file))
  const content =
    relative(folder, file).startsWith('..') || !type ? null : await readFile(file).catch(() => null)
  if (!content || !type) return void res.writeHead(404).end('not here')
  res.writeHead(200, { 'content-type': type, 'content-security-policy': pagePolicy() }).end(content)
}
