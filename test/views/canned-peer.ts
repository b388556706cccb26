// A peer without any part of one: it answers the page as a peer does, out of a world that its owner changes. The second
// implementation of the dashboard's interface, for looking at views and for tests of the page.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join, resolve } from 'node:path'
import { WebSocketServer } from 'ws'
import { type DashboardEvent, dashboardEvent } from '../../main/protocol/dashboard.ts'
import { type CannedDoctor, createCannedDoctor } from './canned-doctor.ts'
import { type CannedMesh, type CannedMeshOptions, createCannedMesh } from './canned-mesh.ts'
import { meshRoutes } from './canned-mesh-routes.ts'
import { type Answer, cannedRoutes } from './canned-routes.ts'
import { type CannedSettings, createCannedSettings, settingsRoutes } from './canned-settings.ts'
import { createWorld, type World, type WorldOptions } from './canned-world.ts'
import { sendFile } from './send-file.ts'

export interface CannedPeer {
  readonly url: string
  readonly world: World
  readonly mesh: CannedMesh
  readonly settings: CannedSettings
  readonly doctor: CannedDoctor
  /** Cuts every connection and answers nothing, as a core that was killed; `false`: it is back. */
  vanish(gone: boolean): void
  close(): Promise<void>
}

const restartMs = 700
const pageFolder = resolve(import.meta.dirname, '..', '..', 'resources', 'runtime', 'page')

export async function openCannedPeer(
  options: WorldOptions & { readonly port?: number; readonly mesh?: CannedMeshOptions },
): Promise<CannedPeer> {
  const world = createWorld(options)
  const mesh = createCannedMesh(world, { lively: options.lively ?? false, ...options.mesh })
  const settings = createCannedSettings()
  const doctor = createCannedDoctor()
  const answer = cannedRoutes(world, [
    ...meshRoutes(mesh),
    ...settingsRoutes(settings, restart),
    ...doctor.routes,
  ])
  const sockets = new WebSocketServer({ noServer: true })
  let gone = false
  const server = createServer((req, res) => {
    if (gone) return void req.socket.destroy()
    receive(req, res).catch(error => {
      res.writeHead(500).end(JSON.stringify({ error: { message: String(error), code: 'internal_error' } }))
    })
  })
  server.on('upgrade', (req, socket, head) => {
    if (gone || req.url !== '/ws/dashboard') return void socket.destroy()
    sockets.handleUpgrade(req, socket, head, client => client.send(JSON.stringify(parse(world.snapshot()))))
  })
  const endNews = world.onEvent(event => {
    const text = JSON.stringify(parse(event))
    for (const client of sockets.clients) client.send(text)
  })
  await new Promise<void>(started => server.listen(options.port ?? 0, '127.0.0.1', started))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the canned peer has no port')

  return {
    url: `http://127.0.0.1:${address.port}`,
    world,
    mesh,
    settings,
    doctor,
    vanish,
    async close() {
      endNews()
      world.close()
      const closed = new Promise(done => server.close(done))
      cut()
      await closed
    },
  }

  function vanish(nowGone: boolean): void {
    gone = nowGone
    if (gone) cut()
  }

  function restart(): void {
    settings.restart()
    vanish(true)
    setTimeout(vanish, restartMs, false)
  }

  function cut(): void {
    for (const client of sockets.clients) client.terminate()
    server.closeAllConnections()
  }

  async function receive(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? '/', 'http://canned')
    const given = await answer({ method: req.method ?? 'GET', url, body: await readBody(req), req, res })
    if (given === 'streamed') return
    if (given) return sendJson(res, given)
    await sendFile(res, pageFolder, url.pathname === '/' ? 'index.html' : join('.', url.pathname))
  }
}

/** What is canned keeps the contract, too. */
function parse(event: DashboardEvent): DashboardEvent {
  return dashboardEvent.parse(event)
}

function sendJson(res: ServerResponse, { status, body }: Answer): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function readBody(req: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = []
  for await (const part of req) parts.push(part)
  return parts.length === 0 ? null : JSON.parse(Buffer.concat(parts).toString('utf8'))
}
