// What a canned peer answers, path by path. Orders change its world.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ownersReasons, sharingOrder } from '../../main/protocol/workers.ts'
import { streamChat } from './canned-chat.ts'
import { cannedDetail } from './canned-history.ts'
import { cannedModelRoutes } from './canned-model-routes.ts'
import { overviewOf } from './canned-worker.ts'
import type { World } from './canned-world.ts'

export interface Asked {
  readonly method: string
  readonly url: URL
  readonly body: unknown
  readonly req: IncomingMessage
  readonly res: ServerResponse
}

export interface Answer {
  readonly status: number
  readonly body: unknown
}

type Answered = Answer | 'streamed' | null
/** Method, path, what is done; groups of the path are its parameters. */
export type Route = [string, RegExp, Handle]
export type Handle = (asked: Asked, params: readonly string[]) => Answered | Promise<Answered>

const hourMs = 3_600_000
const [switchedOff, askedForIt] = ownersReasons

/** Null: there is no such path, it may be a file. */
export function cannedRoutes(world: World, more: readonly Route[]): (asked: Asked) => Promise<Answered> {
  const routes: Route[] = [
    ...more,
    ['GET', /^\/api\/dashboard\/overview$/, () => ok(overviewOf(world.workers, world.live, 0))],
    ['GET', /^\/api\/dashboard\/workers$/, () => ok(world.workers)],
    ['GET', /^\/api\/dashboard\/requests$/, ({ url }) => ok(findRequests(world, url.searchParams))],
    ['GET', /^\/api\/dashboard\/requests\/([^/]+)$/, (_, [id = '']) => requestDetail(world, id)],
    ['GET', /^\/api\/dashboard\/metrics\/timeseries$/, ({ url }) => ok(timeseries(url.searchParams))],
    [
      'GET',
      /^\/api\/dashboard\/workers\/([^/]+)\/history$/,
      ({ url }) => ok(workerHistory(url.searchParams)),
    ],
    ['GET', /^\/api\/dashboard\/workers\/([^/]+)\/log$/, () => ok(log())],
    ...cannedModelRoutes(world),
    ['POST', /^\/api\/cluster\/workers\/([^/]+)\/sharing$/, (asked, [id = '']) => share(world, id, asked)],
    ['POST', /^\/v1\/chat\/completions$/, asked => streamChat(world, asked)],
  ]
  return async asked => {
    for (const [method, pattern, handle] of routes) {
      const match = pattern.exec(asked.url.pathname)
      if (match && method === asked.method) return handle(asked, match.slice(1).map(decodeURIComponent))
    }
    return null
  }
}

function ok(body: unknown): Answer {
  return { status: 200, body }
}

function refused(status: number, message: string, code: string): Answer {
  return { status, body: { error: { message, type: 'invalid_request_error', param: null, code } } }
}

function findRequests({ history }: World, query: URLSearchParams) {
  const text = query.get('q') ?? ''
  const before = Number(query.get('before') ?? Number.POSITIVE_INFINITY)
  const last = history.findIndex(({ requestId }) => requestId === query.get('after'))
  return history
    .slice(last + 1)
    .filter(
      ({ requestId, modelId, errorCode, workerId, status, timestamp }) =>
        (last >= 0 || timestamp < before) &&
        (!query.get('status') || status === query.get('status')) &&
        (!query.get('model') || modelId === query.get('model')) &&
        (!query.get('worker') || workerId?.split(', ').includes(query.get('worker') ?? '')) &&
        [requestId, modelId, errorCode ?? ''].some(field => field.toLowerCase().includes(text.toLowerCase())),
    )
    .slice(0, Number(query.get('limit') ?? 100))
}

function requestDetail(world: World, id: string): Answer {
  const request = world.history.find(({ requestId }) => requestId === id)
  if (request) return ok(cannedDetail(request, world.workers))
  return refused(
    404,
    `Nothing is kept of a request '${id}' on this Mac: ask the one that it was sent to.`,
    'request_not_found',
  )
}

function timeseries(query: URLSearchParams) {
  const metric = query.get('metric') ?? 'throughput'
  const hours = { '1h': 1, '6h': 6, '24h': 24 }[query.get('duration') ?? '1h'] ?? 1
  const unit = { throughput: 'tokens/s', rps: 'requests/s', latency: 'ms', error_rate: '%' }[metric] ?? ''
  const scale = { throughput: 60, rps: 2, latency: 900, error_rate: 2 }[metric] ?? 1
  const points = Array.from({ length: 180 }, (_, i) => ({
    timestamp: Date.now() - ((180 - i) * hours * hourMs) / 180,
    value: scale * (1 + Math.sin(i / 9) * 0.5 + Math.sin(i / 2.3) * 0.2),
  }))
  return { metric, unit, points }
}

function workerHistory(query: URLSearchParams) {
  const hours = { '1h': 1, '6h': 6, '24h': 24 }[query.get('duration') ?? '1h'] ?? 1
  const points = Array.from({ length: 180 }, (_, i) => ({
    timestamp: Date.now() - ((180 - i) * hours * hourMs) / 180,
    cpuPercent: 18 + 10 * Math.sin(i / 7),
    gpuPercent: Math.max(0, 45 + 40 * Math.sin(i / 11)),
    memoryUsedGB: 20 + 4 * Math.sin(i / 30),
    activeRequests: Math.max(0, Math.round(3 * Math.sin(i / 11))),
    tokensPerSecond: Math.max(0, 60 * Math.sin(i / 11)),
  }))
  return { points }
}

function log() {
  const messages = ['the peer has started', 'a worker has come', 'a model is ready', 'a request was refused']
  return {
    lines: messages.map((message, i) => ({
      timestamp: Date.now() - (messages.length - i) * 60_000,
      level: i === 3 ? 'warn' : 'info',
      message,
    })),
  }
}

function share(world: World, workerId: string, { body }: Asked): Answer {
  const { state, minutes } = sharingOrder.parse(body)
  const untilMs = minutes === undefined ? null : Date.now() + minutes * 60_000
  const reason = state === 'on' ? null : state === 'off' ? switchedOff : askedForIt
  const sharing = { state: state === 'on' ? ('on' as const) : ('paused' as const), reason, untilMs }
  world.share(workerId, sharing)
  return ok({ sharing })
}
