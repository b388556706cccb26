// The embedded nats-server, joined to those of the other members wherever they are now, and the file that says who they are.
import type { RouteAddress, RouteSettings } from '../fabric/nats-config.ts'
import { type NatsServer, startNatsServer } from '../fabric/nats-server.ts'
import type { Clock } from '../protocol/clock.ts'
import type { Log } from '../telemetry/log.ts'
import type { Admission } from './membership.ts'
import { type Addresses, type Mesh, readMeshFile, removeMeshFile, writeMeshFile } from './mesh-file.ts'
import { ownAddresses } from './own-addresses.ts'
import { isMember, membersOf } from './roster.ts'
import { inOrder, reachableAddress } from './route-addresses.ts'
import { type Listener, routeSettings } from './route-settings.ts'

export interface JoinedServerOptions {
  readonly binary: string
  readonly runFolder: string
  readonly meshFile: string
  /** Seals that file; null: it lies open, for its owner alone. */
  readonly meshKey?: Uint8Array | null
  readonly listener: Listener
  /** `workers.static`: asked for routes whatever else is known. */
  readonly statics: readonly RouteAddress[]
  readonly clock: Clock
  readonly log: Log
}

export interface JoinedServer {
  readonly server: NatsServer
  /** As it was kept when the server started. */
  readonly kept: Mesh | null
  /** Keeps the mesh; when it resolves, who does not belong to it is cut off. */
  enforce(mesh: Mesh | null): Promise<void>
  /** A member said itself that it takes routes at one of these addresses. */
  sighted(workerId: string, addresses: readonly string[], port: number): void
  /** Anybody may have said so: it is asked, too, and what members say of themselves counts as before. */
  hinted(workerId: string, address: string, port: number): void
  /** Where this server takes routes; null: nowhere. */
  ownRoute(): { readonly addresses: string[]; readonly port: number } | null
  /** For a newcomer: the routes of this Mac, and of those that it knows. */
  routes(): Admission['routes']
  stop(): Promise<void>
}

const lookAtAddressesMs = 2_000
const hintsEachMs = 1_000

/** Rejects when the server cannot be started, or when the file cannot be read. */
export async function startJoinedServer(options: JoinedServerOptions): Promise<JoinedServer> {
  const { binary, runFolder, meshFile, listener, statics, clock, log } = options
  const meshKey = options.meshKey ?? null
  const kept = readMeshFile(meshFile, meshKey)
  // One that a start without the app has left open is sealed from now on.
  if (kept && meshKey) writeMeshFile(meshFile, kept, meshKey)
  let mesh = kept?.mesh ?? null
  /** Of each member, as far as it can be reached from here. */
  let lastSeenAt: Addresses = kept?.addresses ?? {}
  /** Of each member, where somebody says that it is. */
  const hints = new Map<string, RouteAddress>()
  let callOffHints: (() => void) | null = null
  let own = ownAddresses(listener.host)
  let applied = grounds(mesh, routes())
  let applying: Promise<void> = Promise.resolve()
  const server = await startNatsServer({ binary, runFolder, log, routes: await settings() })
  const stopLooking = clock.every(lookAtAddressesMs, lookAtAddresses)

  return {
    server,
    kept: mesh,
    async enforce(next) {
      keep(next)
      mesh = next
      await apply()
    },
    sighted(workerId, addresses, port) {
      const host = reachableAddress(addresses, own)
      if (!mesh || !isMember(mesh.roster, workerId) || host === null) return
      const known = lastSeenAt[workerId]
      if (known?.host === host && known.port === port) return
      lastSeenAt = { ...lastSeenAt, [workerId]: { host, port } }
      try {
        keep(mesh)
      } catch (error) {
        log.warn('where another Mac is could not be kept', { workerId, error })
      }
      applyUnattended()
    },
    hinted(workerId, address, port) {
      if (!mesh || !isMember(mesh.roster, workerId)) return
      hints.set(workerId, { host: address, port })
      if (callOffHints) return
      // The first one at once, what follows together: a stranger who invents hints costs one reload a second.
      applyUnattended()
      callOffHints = clock.after(hintsEachMs, () => {
        callOffHints = null
        applyUnattended()
      })
    },
    ownRoute() {
      const port = server.routePort()
      return port === null ? null : { addresses: own.map(({ address }) => address), port }
    },
    routes() {
      const port = server.routePort()
      const ours = port === null ? [] : own.map(({ address }) => ({ host: address, port }))
      return [...ours, ...routes()].slice(0, 200)
    },
    async stop() {
      stopLooking()
      callOffHints?.()
      await server.stop()
    },
  }

  function keep(next: Mesh | null): void {
    if (next) writeMeshFile(meshFile, { mesh: next, addresses: lastSeenAt }, meshKey)
    else {
      removeMeshFile(meshFile)
      lastSeenAt = {}
      hints.clear()
    }
  }

  function routes(): RouteAddress[] {
    if (!mesh) return []
    const said = membersOf(mesh.roster)
      .filter(({ workerId }) => workerId !== listener.workerId)
      .flatMap(({ workerId }) => [lastSeenAt[workerId] ?? [], hints.get(workerId) ?? []].flat())
      // Elsewhere, in a café, nobody is asked whether he is the Mac Studio at home.
      .filter(address => reachableAddress([address.host], own) !== null)
    return inOrder([...statics, ...mesh.routes, ...said])
  }

  function settings(): Promise<RouteSettings> | null {
    return mesh && routeSettings(mesh, listener, routes())
  }

  /** One after the other, and nothing that is in force already. */
  function apply(): Promise<void> {
    const done = applying.then(async () => {
      const wanted = grounds(mesh, routes())
      if (wanted === applied) return
      await server.setRoutes(await settings())
      applied = wanted
    })
    applying = done.catch(() => {})
    return done
  }

  function applyUnattended(): void {
    apply().catch(error => log.error('nats-server could not be told where the other Macs are', { error }))
  }

  function lookAtAddresses(): void {
    const now = ownAddresses(listener.host)
    if (JSON.stringify(now) === JSON.stringify(own)) return
    log.info('the addresses of this Mac have changed', { addresses: now })
    own = now
    applyUnattended()
  }
}

/** What the settings of nats-server follow from; certificates are signed anew each time, and never equal. */
function grounds(mesh: Mesh | null, routes: readonly RouteAddress[]): string {
  if (!mesh) return ''
  const { roster, previous } = mesh
  return JSON.stringify([
    roster.secret.value,
    previous.map(({ secret }) => secret),
    membersOf(roster),
    routes,
  ])
}
