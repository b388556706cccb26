// A hub as a real HTTP server: it lists a repository, redirects large files to another place, and knows what networks do.
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { onTestFinished } from 'vitest'

export interface FakeHub {
  readonly url: string
  /** By name of the repository, by name of the file. */
  readonly repositories: Map<string, Map<string, Buffer>>
  /** What was asked for, in its order. */
  readonly asked: Asked[]
  /** Fields are changed to make it behave otherwise. */
  readonly ways: Ways
  close(): Promise<void>
}

interface Asked {
  readonly path: string
  /** The first byte that was asked for; null: all. */
  readonly fromByte: number | null
  readonly authorization: string | undefined
}

interface Ways {
  ranges: boolean
  lengths: boolean
  /** Of each answer with a file, so much comes; then the connection is cut, or stands still. */
  mostBytes: number
  standsStill: boolean
  /** Of each 64 KiB. */
  pauseMs: number
  /** Files with another content than was announced. */
  readonly corrupt: Set<string>
  /** Where large files are. */
  redirect: (path: string) => string
  /** A refusal in place of every answer. */
  refusal: { status: number; headers: Record<string, string> } | null
  /** Called with each piece of a file that has been sent. */
  onSent: (name: string, bytes: number) => void
  /** What is changed in the list of a repository. */
  list: (siblings: object[]) => object[]
  listAfterMs: number
}

/** From here on the hub keeps files as LFS. */
const largeBytes = 4096
const pieceBytes = 64 << 10

export async function startFakeHub(): Promise<FakeHub> {
  const repositories: FakeHub['repositories'] = new Map()
  const asked: Asked[] = []
  const ways: Ways = {
    ranges: true,
    lengths: true,
    mostBytes: Number.POSITIVE_INFINITY,
    standsStill: false,
    pauseMs: 0,
    corrupt: new Set(),
    redirect: path => path,
    refusal: null,
    onSent: () => {},
    list: siblings => siblings,
    listAfterMs: 0,
  }
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const close = () =>
    new Promise<void>(resolve => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  onTestFinished(close)
  return { url: `http://127.0.0.1:${address.port}`, repositories, asked, ways, close }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURIComponent((request.url ?? '').replace(/\?.*/, ''))
    const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? []
    const fromByte = from === undefined ? null : Number(from)
    asked.push({ path, fromByte, authorization: request.headers.authorization })
    if (ways.refusal) return void response.writeHead(ways.refusal.status, ways.refusal.headers).end('{}')
    const [, listed] = /^\/api\/models\/(.+)\/revision\/main$/.exec(path) ?? []
    if (listed) return list(listed, response)
    const [, isRedirected, repository = '', sha, name = ''] =
      /^(\/cdn)?\/([^/]+\/[^/]+)\/resolve\/([0-9a-f]{40})\/(.+)$/.exec(path) ?? []
    const content = repositories.get(repository)?.get(name)
    if (!content || sha !== commitOf(repository)) return void response.writeHead(404).end()
    if (content.length >= largeBytes && !isRedirected) {
      return void response.writeHead(302, { location: ways.redirect(`/cdn${request.url}`) }).end()
    }
    return send(response, name, content, ways.ranges ? fromByte : null)
  }

  async function list(repository: string, response: ServerResponse): Promise<void> {
    await pause(ways.listAfterMs)
    const files = repositories.get(repository)
    if (!files) return void response.writeHead(401, { 'x-error-code': 'RepoNotFound' }).end('{}')
    const siblings = ways.list([...files].map(([name, content]) => siblingOf(name, content)))
    response.end(JSON.stringify({ id: repository, sha: commitOf(repository), gated: false, siblings }))
  }

  async function send(response: ServerResponse, name: string, content: Buffer, fromByte: number | null) {
    const sent = ways.corrupt.has(name) ? Buffer.alloc(content.length, 7) : content
    const rest = sent.subarray(fromByte ?? 0)
    if (ways.lengths) response.setHeader('content-length', rest.length)
    if (fromByte !== null) {
      response.setHeader('content-range', `bytes ${fromByte}-${content.length - 1}/${content.length}`)
    }
    response.writeHead(fromByte === null ? 200 : 206)
    let bytes = 0
    while (bytes < Math.min(rest.length, ways.mostBytes)) {
      const piece = rest.subarray(bytes, Math.min(bytes + pieceBytes, ways.mostBytes))
      bytes += piece.length
      if (!response.write(piece)) await new Promise(resolve => response.once('drain', resolve))
      ways.onSent(name, (fromByte ?? 0) + bytes)
      if (ways.pauseMs > 0) await pause(ways.pauseMs)
    }
    if (bytes === rest.length) response.end()
    // What has been written arrives before the end does.
    else if (!ways.standsStill) response.socket?.end()
  }

  function commitOf(repository: string): string {
    const hash = createHash('sha1')
    for (const [name, content] of repositories.get(repository) ?? []) hash.update(name).update(content)
    return hash.digest('hex')
  }
}

function siblingOf(name: string, content: Buffer): object {
  const blobId = createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex')
  const size = content.length
  if (size < largeBytes) return { rfilename: name, size, blobId }
  const sha256 = createHash('sha256').update(content).digest('hex')
  // The blob that git knows of is a pointer, not the file.
  return { rfilename: name, size, blobId: '0'.repeat(40), lfs: { sha256, size, pointerSize: 134 } }
}

/** The files of a model that its Mac can load, and whatever else a repository holds. */
export function repositoryOf(weightBytes: number, more: Readonly<Record<string, string>> = {}) {
  return new Map<string, Buffer>([
    ['config.json', Buffer.from('{"model_type": "llama", "max_position_embeddings": 4096}')],
    ['tokenizer.json', Buffer.from('{}')],
    ['model.safetensors', noise(weightBytes)],
    ...Object.entries(more).map(([name, text]) => [name, Buffer.from(text)] as const),
  ])
}

export function noise(bytes: number, seed = 1): Buffer {
  const words = new Uint32Array(Math.ceil(bytes / 4))
  let state = seed
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    words[i] = state
  }
  return Buffer.from(words.buffer, 0, bytes)
}
