// Talks HTTP to a running peer: the one named with --url, or the one that runs with this data folder.
import type { z } from 'zod'
import { readAppToken } from '../config/app-token.ts'
import { findDataFolder } from '../config/data-folder.ts'
import { appTokenHeader } from '../protocol/page.ts'
import { CommandError } from './command-error.ts'
import { errorAnswer } from './peer-answers.ts'
import { readRunFile } from './run-file.ts'

export interface PeerClient {
  readonly url: string
  get<T>(path: string, schema: z.ZodType<T>): Promise<T>
  post<T>(path: string, body: object, schema: z.ZodType<T>): Promise<T>
  remove<T>(path: string, schema: z.ZodType<T>): Promise<T>
  /** A file. */
  bytes(path: string, signal: AbortSignal): Promise<Uint8Array>
  /** The answer as it comes; a refusal is thrown. */
  stream(path: string, body: object, signal: AbortSignal): Promise<Response>
}

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
}

const answerMs = 10_000

/**
 * `env` says where the data folder is, and may name the peer. Our own one is shown the token of that folder; another one the
 * key of `MLX_MESH_API_KEY`: neither is ever shown to the other.
 */
export function findPeer({ env }: Surroundings, chosen: string | undefined): PeerClient {
  const named = chosen ?? (env['MLX_MESH_URL'] || undefined)
  const folder = findDataFolder(env)
  const running = readRunFile(folder)
  const url = (named ?? running?.url)?.replace(/\/+$/, '')
  if (url === undefined) throw new CommandError(`no peer runs here. ${howToStart}`)
  if (!URL.canParse(url)) throw new CommandError(`--url: expected http://host:port, not "${url}".`, 2)
  const isOwn = running !== null && url === running.url
  const shown = isOwn ? ownToken(folder, running.pid) : keyFor(env['MLX_MESH_API_KEY'])
  return openPeerClient(url, named !== undefined, shown)
}

const howToStart = 'Start it with "npm start", or "mlx-mesh serve".'

type Shown = Readonly<Record<string, string>>

/** Nothing for whoever may have come to its port since our peer died, nor where there is no token. */
function ownToken(folder: string, pid: number): Shown {
  try {
    process.kill(pid, 0)
    return { [appTokenHeader]: readAppToken(folder) }
  } catch {
    return {}
  }
}

function keyFor(key: string | undefined): Shown {
  return key ? { authorization: `Bearer ${key}` } : {}
}

function openPeerClient(url: string, named: boolean, shown: Shown): PeerClient {
  return {
    url,
    get: async (path, schema) => {
      return parse(path, await send(path, { signal: AbortSignal.timeout(answerMs) }), schema)
    },
    post: async (path, body, schema) => {
      return parse(path, await send(path, { ...asJson(body), signal: AbortSignal.timeout(answerMs) }), schema)
    },
    remove: async (path, schema) => {
      const request = { method: 'DELETE', signal: AbortSignal.timeout(answerMs) }
      return parse(path, await send(path, request), schema)
    },
    bytes: async (path, signal) => new Uint8Array(await (await send(path, { signal })).arrayBuffer()),
    stream: (path, body, signal) => send(path, { ...asJson(body), signal }),
  }

  async function send(path: string, request: PeerRequest): Promise<Response> {
    const headers = { ...shown, ...request.headers }
    const response = await fetch(`${url}${path}`, { ...request, headers }).catch(explain)
    // An unhealthy peer answers 503 to /health, and its answer is what was asked for.
    if (response.ok || path === '/health') return response
    const refusal = errorAnswer.safeParse(await response.json().catch(() => null))
    throw new CommandError(
      refusal.success ? refusal.data.error.message : `${url}${path} answered ${response.status}.`,
    )
  }

  function explain(error: unknown): never {
    if (error instanceof Error && error.name === 'AbortError') throw error
    if (error instanceof Error && error.name === 'TimeoutError') {
      throw new CommandError(`the peer at ${url} did not answer within ${answerMs / 1000} s.`)
    }
    const where = named ? `no peer answers at ${url}.` : `the peer that ran at ${url} is gone.`
    throw new CommandError(`${where} ${howToStart}`)
  }

  async function parse<T>(path: string, response: Response, schema: z.ZodType<T>): Promise<T> {
    const parsed = schema.safeParse(await response.json().catch(() => null))
    if (parsed.success) return parsed.data
    const issue = parsed.error.issues[0]
    throw new CommandError(
      `${url}${path} does not answer like a peer of MLX Mesh (${issue?.path.join('.')}: ${issue?.message}).`,
    )
  }
}

type PeerRequest = Omit<RequestInit, 'headers'> & { readonly headers?: Shown }

function asJson(body: object): PeerRequest {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}
