// A peer as the commands see it: an HTTP server with two models, whose states follow what is asked of them.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { isOnDisk, type ModelState, type ModelStatus } from '../../main/protocol/models.ts'
import type { CatalogAnswer } from '../../main/protocol/settings.ts'
import { type Sharing, type SharingOrder, sharingOrder } from '../../main/protocol/workers.ts'
import type { RequestRecord } from '../../main/telemetry/request-record.ts'

export interface FakePeer {
  readonly url: string
  readonly models: ModelStatus[]
  /** The latest first. */
  readonly records: RequestRecord[]
  /** Ids of models that another Mac of the mesh has. */
  readonly elsewhere: string[]
  readonly catalog: CatalogAnswer['models']
  /** Bodies of the chat requests so far. */
  readonly asked: unknown[]
  /** How the next answers go; the default says "Hello you" and ends. */
  answer: (response: ServerResponse, request: IncomingMessage) => void
  /** States that a model goes through when it is loaded, one each time it is looked at. */
  loadStates: ModelState[]
  sharing: Sharing
  /** What it was told about sharing. */
  readonly sharingOrders: SharingOrder[]
  health: 'healthy' | 'degraded' | 'unhealthy'
  close(): Promise<void>
}

const command = z.object({ modelId: z.string() })

export async function startFakePeer(): Promise<FakePeer> {
  let pending: { modelId: string; states: ModelState[] } | null = null
  const server = createServer((request, response) => void route(request, response))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const peer: FakePeer = {
    url: `http://127.0.0.1:${address.port}`,
    models: [makeModel('big', 'unloaded'), makeModel('tiny', 'ready')],
    records: [],
    elsewhere: [],
    catalog: [],
    asked: [],
    answer: response => {
      for (const content of ['Hello', ' you']) sendChunk(response, { choices: [{ delta: { content } }] })
      sendChunk(response, { choices: [], usage: { prompt_tokens: 3, completion_tokens: 2 } })
      response.end('data: [DONE]\n\n')
    },
    loadStates: ['loading', 'warming', 'ready'],
    sharing: { state: 'on', reason: null, untilMs: null },
    sharingOrders: [],
    health: 'healthy',
    close: () =>
      new Promise(resolve => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
  onTestFinished(() => peer.close())
  return peer

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    switch (`${request.method} ${request.url}`) {
      case 'GET /health':
        return send(response, peer.health === 'unhealthy' ? 503 : 200, {
          status: peer.health,
          workerId: 'mac1',
          uptime: 5,
          metrics: {},
        })
      case 'GET /api/cluster/status':
        return send(response, 200, {
          controller: { version: '1.2.3', uptime: 3_700_000, mode: 'dual' },
          workers: { total: 1, online: 1, offline: 0 },
          models: { loaded: ['tiny'] },
          requests: { active: 1, total: 8, successRate: 0.875 },
        })
      case 'GET /v1/models': {
        const ids = [...peer.models.filter(isOnDisk).map(({ modelId }) => modelId), ...peer.elsewhere]
        const data = ids.map(id => ({ id, mesh: { contextTokens: 2048, sizeBytes: 2 ** 30 } }))
        return send(response, 200, { object: 'list', data })
      }
      case 'GET /api/catalog':
        return send(response, 200, { models: peer.catalog })
      case 'GET /api/cluster/workers':
        return send(response, 200, [worker()])
      case 'GET /api/cluster/workers/mac1':
        return send(response, 200, worker())
      case 'POST /api/cluster/workers/mac1/load-model':
        pending = { modelId: command.parse(await json(request)).modelId, states: [...peer.loadStates] }
        return send(response, 202, { status: 'loading' })
      case 'POST /api/cluster/workers/mac1/unload-model':
        pending = { modelId: command.parse(await json(request)).modelId, states: ['draining', 'unloaded'] }
        return send(response, 202, { status: 'unloading' })
      case 'POST /api/cluster/workers/mac1/sharing':
        peer.sharingOrders.push(sharingOrder.parse(await json(request)))
        return send(response, 200, { sharing: peer.sharing })
      case 'POST /v1/chat/completions':
        peer.asked.push(await json(request))
        return peer.answer(response, request)
      case 'GET /api/dashboard/requests?limit=1':
        return send(response, 200, peer.records.slice(0, 1))
      default: {
        const record = peer.records.find(({ requestId }) => request.url?.endsWith(`/requests/${requestId}`))
        if (record) return send(response, 200, record)
        return send(response, 404, {
          error: { message: 'there is nothing here', type: 'x', code: null, param: null },
        })
      }
    }
  }

  function worker() {
    const state = pending?.states.shift()
    const model = peer.models.find(candidate => candidate.modelId === pending?.modelId)
    if (state && model) model.state = state
    else if (state && pending) peer.models.push({ ...makeModel(pending.modelId, state), copied: halfCopied })
    return {
      workerId: 'mac1',
      hostname: 'studio.local',
      status: 'online',
      hardware: { chipModel: 'Apple M4 Max', unifiedMemoryGB: 64 },
      metrics: { activeRequests: 1, modelsLoaded: ['tiny'], tokensPerSecond: { tiny: 30.25, big: 2 } },
      sharing: peer.sharing,
      models: peer.models,
    }
  }
}

export function sendChunk(response: ServerResponse, chunk: object): void {
  response.write(`data: ${JSON.stringify(chunk)}\n\n`)
}

function makeModel(modelId: string, state: ModelState): ModelStatus {
  return {
    modelId,
    fingerprint: modelId,
    state,
    reason: null,
    sizeBytes: 1.5 * 2 ** 30,
    memoryBytes: 0,
    contextTokens: 2048,
    createdAtMs: 0,
    lastUsedAtMs: null,
    activeRequests: 0,
  }
}

const halfCopied = { bytes: 599 << 20, ofBytes: 1000 << 20 }

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
