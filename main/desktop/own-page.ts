// The page of the app's window: where it lies, and what it may do.
import { readFileSync, realpathSync, statSync } from 'node:fs'
import { extname, join, sep } from 'node:path'
import { appOrigin, pagePolicy, pageTypes } from '../protocol/page.ts'

export const pageUrl = `${appOrigin}/`
const page = new URL(pageUrl)
export const pageScheme = page.protocol.slice(0, -1)

export interface PageAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export function isOwnPage(url: string): boolean {
  const parsed = parse(url)
  return parsed !== null && isOwn(parsed)
}

/** A file of `folder`, and nothing else of the disk. `peerUrl`: whom the page talks to; null while there is nobody. */
export function answerPage(folder: string, url: string, peerUrl: string | null): PageAnswer {
  const file = fileOf(folder, url)
  if (file === null)
    return { status: 404, headers: headersFor('.txt', peerUrl), body: Buffer.from('Not found') }
  return { status: 200, headers: headersFor(extname(file), peerUrl), body: readFileSync(file) }
}

/** The real path of the file, which must lie inside of the folder however the URL is written and wherever links lead. */
function fileOf(folder: string, url: string): string | null {
  try {
    const parsed = parse(url)
    if (parsed === null || !isOwn(parsed)) return null
    const path = decodeURIComponent(parsed.pathname)
    const top = realpathSync(folder)
    const file = realpathSync(join(top, path === '/' ? 'index.html' : path))
    return file.startsWith(top + sep) && pageTypes.has(extname(file)) && statSync(file).isFile() ? file : null
  } catch {
    // No such file, or a path that no file can have.
    return null
  }
}

function headersFor(extension: string, peerUrl: string | null): Record<string, string> {
  return {
    'content-type': pageTypes.get(extension) ?? 'application/octet-stream',
    'content-security-policy': pagePolicy(peersOf(peerUrl)),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  }
}

/** The page talks to the peer alone. A restarted one may have another port of this Mac. */
function peersOf(peerUrl: string | null): string[] {
  const own = ['http://127.0.0.1:*', 'ws://127.0.0.1:*']
  const peer = peerUrl === null ? [] : [peerUrl, peerUrl.replace(/^http/, 'ws')]
  return [...new Set([...own, ...peer])]
}

function isOwn({ protocol, host }: URL): boolean {
  return protocol === page.protocol && host === page.host
}

function parse(url: string): URL | null {
  try {
    return new URL(url)
  } catch {
    return null
  }
}
