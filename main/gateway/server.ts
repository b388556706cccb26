// The HTTP door: who may come in, which room answers, and how a failure leaves.

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { anthropicRoutes } from './anthropic/messages.ts'
import { auditRoutes, createWitness } from './audit-api.ts'
import { authorityRoutes } from './authority-api.ts'
import { catalogRoutes } from './catalog-api.ts'
import { planChat } from './chat.ts'
import { clusterRoutes } from './cluster-api.ts'
import { planCompletion } from './completions.ts'
import { openDashboard } from './dashboard.ts'
import { createDashboardSocket, isWebSocket } from './dashboard-socket.ts'
import { doctorRoutes } from './doctor-api.ts'
import { createDoor, type Door } from './door.ts'
import { planEmbeddings } from './embeddings.ts'
import { createEntrance, remoteAddressOf } from './entrance.ts'
import { type Failure, HttpError, toFailure } from './errors.ts'
import { Exchange } from './exchange.ts'
import { createGenerate } from './generate.ts'
import { createGuard } from './guard.ts'
import { healthRoutes } from './health.ts'
import { keyRoutes } from './keys-api.ts'
import { defaultLimits } from './limits.ts'
import { meshRoutes } from './mesh-api.ts'
import { metricsRoutes } from './metrics-api.ts'
import { modelRoutes } from './models-api.ts'
import { ollamaRoutes } from './ollama/routes.ts'
import { passOverOffer } from './other-upgrade.ts'
import { pageRoutes } from './page.ts'
import type { GatewayOptions } from './ports.ts'
import { planResponse } from './responses/plan-response.ts'
import { responseRoutes } from './responses/response-routes.ts'
import { scopeFor } from './route-scopes.ts'
import { createRouter, type Routes } from './router.ts'
import { settingsRoutes } from './settings-api.ts'
import { createEventStreams } from './sse.ts'
import { createTraffic } from './traffic.ts'
import { createEndWatch } from './unread-answer.ts'

export interface Gateway {
  /** Rejects with Node's EADDRINUSE when the port is taken. */
  listen(): Promise<{ readonly host: string; readonly port: number }>
  /** Takes no new requests, lets those in hand end for `graceMs`, then gives them up. */
  close(graceMs: number): Promise<void>
}

const idleCheckMs = 50
const lastBytesMs = 500

export function createGateway(options: GatewayOptions): Gateway {
  const { view, commands, history, metrics, tracing = null, clock, log, identity, infer, access } = options
  const limits = { ...defaultLimits, ...options.limits }
  const traffic = createTraffic({
    history,
    metrics,
    clock,
    log,
    maxActive: limits.concurrentRequests,
    tracing,
    account: access.generated,
  })
  const streams = createEventStreams(clock, limits)
  const generate = createGenerate({ infer, traffic, streams, images: options.images, limits })
  const planOptions = { clock, version: identity.version, maxChoices: limits.choicesPerRequest }
  const guard = createGuard(options)
  const entrance = createEntrance({ access, guard, addressOf: options.addressOf ?? remoteAddressOf })
  const witness = createWitness(options.audit, clock)
  const watchEnd = createEndWatch(limits.stalledClientMs)
  const { dashboardPort, metricsPort } = options
  const dashboard = openDashboard(options, traffic)
  const ofMetrics = metricsRoutes(metrics, options.exportMetrics)
  const ofPage = pageRoutes(options.pageFolder)
  const isPage = (path: string) => `GET ${path}` in ofPage
  const ofMesh = {
    ...modelRoutes(view),
    ...healthRoutes({ view, clock, identity, traffic }),
    ...clusterRoutes({
      view,
      commands,
      traffic,
      clock,
      identity,
      leader: options.leader,
      describe: dashboard.describe,
    }),
    ...catalogRoutes({ view, identity, catalog: options.catalog }),
    ...meshRoutes(options.mesh),
    ...settingsRoutes(options.settings),
    ...dashboard.routes,
    ...doctorRoutes(options.doctor),
    ...keyRoutes(options.keys, clock),
    ...auditRoutes(options.audit),
    ...authorityRoutes(options.certificate),
  }
  const upgrade = createDashboardSocket({
    guard,
    entrance,
    clients: dashboard.clients,
    keys: options.keys,
    clock,
    watchEnd,
    isDraining: () => traffic.draining,
    fail,
  })
  const main = openDoor(
    {
      'POST /v1/chat/completions': generate(planChat(planOptions)),
      'POST /v1/completions': generate(planCompletion(planOptions)),
      'POST /v1/responses': generate(planResponse({ clock, stored: options.responses })),
      ...responseRoutes(options.responses),
      'POST /v1/embeddings': generate(planEmbeddings),
      ...anthropicRoutes(generate),
      ...ollamaRoutes({ generate, view, clock }),
      ...ofMesh,
      ...(metricsPort === null ? ofMetrics : {}),
      ...(dashboardPort === null ? ofPage : {}),
    },
    true,
  )
  const ownPorts = [
    ...(dashboardPort === null
      ? []
      : [{ door: openDoor({ ...ofMesh, ...ofPage }, true), port: dashboardPort }]),
    ...(metricsPort === null ? [] : [{ door: openDoor(ofMetrics, false), port: metricsPort }]),
  ]
  const doors = [main, ...ownPorts.map(({ door }) => door)]

  return { listen, close }

  /** `withSocket`: it takes WebSockets, too. */
  function openDoor(routes: Routes, withSocket: boolean): Door {
    const route = createRouter(routes)
    const answer = (exchange: Exchange) => route(exchange)(exchange)
    const receive = (req: IncomingMessage, res: ServerResponse) => {
      const exchange = new Exchange(req, res, watchEnd)
      try {
        entrance.turnAway(req)
        if (guard.admit(exchange)) return
        const scope = scopeFor(req.method ?? 'GET', exchange.path, isPage(exchange.path))
        if (scope === 'admin') witness(exchange, entrance.addressOf(req))
        const admitted = entrance.admit(exchange, scope)
        const answered = admitted ? admitted.then(() => answer(exchange)) : answer(exchange)
        if (answered) answered.catch(thrown => fail(exchange, thrown))
      } catch (thrown) {
        fail(exchange, thrown)
      }
    }
    const prepare = (server: Server) => {
      if (!withSocket) return
      server.on('upgrade', (req, socket, head) => {
        if (isWebSocket(req)) void upgrade(req, socket, head)
        else passOverOffer(server, req, socket, head)
      })
    }
    const { bindAddress, certificate } = options
    return createDoor({ bindAddress, certificate, limits, receive, prepare })
  }

  function fail(exchange: Exchange, thrown: unknown): void {
    const failure = toFailure(thrown)
    const { requestId, path, req } = exchange
    const fields = { requestId, method: req.method, path, status: failure.status, code: failure.code }
    if (failure.code === 'internal_error')
      log.error('a request failed', {
        ...fields,
        error: thrown instanceof Error ? thrown.stack : String(thrown),
      })
    else log.debug('a request was refused', { ...fields, param: parameterOf(failure) })
    exchange.fail(failure, thrown instanceof HttpError ? thrown.headers : [])
  }

  async function listen(): Promise<{ host: string; port: number }> {
    for (const { door, port } of ownPorts) await listenOn(door, port)
    return listenOn(main, options.port)
  }

  async function listenOn(door: Door, port: number): Promise<{ host: string; port: number }> {
    const at = await door.listen(port)
    log.info('the door is open', at)
    return at
  }

  async function close(graceMs: number): Promise<void> {
    const closed = Promise.all(doors.map(door => door.close()))
    const cut = () => {
      for (const door of doors) door.cut()
    }
    const closeIdle = setInterval(() => {
      for (const door of doors) door.closeIdle()
    }, idleCheckMs)
    // Requests end only with their connections when a client stands still: it does not read, or has sent half a body.
    const cutOff = setTimeout(cut, graceMs + lastBytesMs)
    await traffic.drain(graceMs)
    dashboard.close()
    const lastResort = setTimeout(cut, lastBytesMs)
    await closed
    clearInterval(closeIdle)
    clearTimeout(cutOff)
    clearTimeout(lastResort)
    streams.close()
  }
}

/** Of what a client wrote only names that are ours belong into a log: the message, and any other name, may quote a prompt. */
function parameterOf({ code, param }: Failure): string | null {
  if (code === 'unknown_parameter' || param === null) return null
  return param.split(/[.[]/, 1)[0] ?? null
}
