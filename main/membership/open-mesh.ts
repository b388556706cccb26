// How this Mac is joined to the others, by its configuration: over its own nats-server and those of the other members, over
// a server that somebody else runs, or not at all.
import { hostname } from 'node:os'
import type { Config } from '../config/config.ts'
import { dataPaths, runFolder } from '../config/data-folder.ts'
import { keepName } from '../config/identity.ts'
import { parts } from '../config/parts.ts'
import type { Bus } from '../fabric/bus.ts'
import { createMemoryExchange } from '../fabric/memory-bus.ts'
import { parseNatsUrl } from '../fabric/nats-address.ts'
import { openNatsBus } from '../fabric/nats-bus.ts'
import { type Nearby, type NearbyPeer, openNearby } from '../fabric/nearby.ts'
import type { Clock } from '../protocol/clock.ts'
import type { PeerBeat } from '../protocol/workers.ts'
import type { Log } from '../telemetry/log.ts'
import { type DoorNames, type DoorPapers, doorIssuer } from './door-papers.ts'
import { startJoinedServer } from './joined-server.ts'
import type { Membership } from './membership.ts'
import { openMembership } from './open-membership.ts'
import { createPairing, type Pairing } from './pair-up.ts'

export interface OpenMesh {
  readonly bus: Bus
  /** Null where this Mac's own nats-server does not decide who belongs to the mesh. */
  readonly members: Members | null
  /** A certificate for this Mac's door, by the authority of its mesh; where there is none, by one of its own. */
  issueForDoor(names: DoorNames): Promise<DoorPapers>
  /** What this Mac tells of itself each second. */
  self(): Pick<PeerBeat, 'name' | 'roster' | 'route'>
  /** Another Mac told of itself. */
  heard(beat: PeerBeat): void
}

interface Members {
  readonly membership: Membership
  readonly pairing: Pairing
  nearby(): readonly NearbyPeer[]
  /** Why other Macs cannot be found, for a reader; null when nothing is known to be wrong. */
  problem(): string | null
}

export interface OpenMeshOptions {
  readonly config: Config
  readonly workerId: string
  /** What its owner calls this Mac; null: as the system does. */
  readonly name: string | null
  readonly epoch: number
  readonly version: string
  /** Seals what is kept of the mesh; null: it lies open, for its owner alone. */
  readonly meshKey: Uint8Array | null
  readonly isLeader: () => boolean
  readonly clock: Clock
  readonly log: Log
  /** Called with what ends each part, in the order in which they were started. */
  readonly started: (stop: () => Promise<void> | void) => void
}

const defaultRoutePort = 7422

export async function openMesh(options: OpenMeshOptions): Promise<OpenMesh> {
  const { config, clock, log } = options
  if (config.mode === 'standalone') return alone(createMemoryExchange({ log, clock }).join(), options)
  const { server_url: url, user, password } = config.nats
  if (url === null) return embedded(options)
  const address = { ...parseNatsUrl(url), ...(user ? { user } : {}), ...(password ? { password } : {}) }
  return alone(await openNatsBus({ server: () => address, log }), options)
}

function alone(bus: Bus, { name, config, clock, started }: OpenMeshOptions): OpenMesh {
  started(() => bus.close())
  const self = { name: name ?? hostname(), roster: null, route: null }
  const issueForDoor = doorIssuer(dataPaths(config.dataFolder).doorSecretFile, () => null, clock)
  return { bus, members: null, issueForDoor, self: () => self, heard: () => {} }
}

const nobodyNearby: Nearby = {
  peers: () => [],
  onChange: () => () => {},
  refresh: () => {},
  problem: () => 'Finding Macs by mDNS is switched off in the configuration (discovery.*).',
  close: async () => {},
}

async function embedded({
  config,
  workerId,
  name,
  epoch,
  version,
  meshKey,
  isLeader,
  clock,
  log,
  started,
}: OpenMeshOptions): Promise<OpenMesh> {
  const { discovery, nats, workers, dataFolder } = config
  const isDynamic = discovery.enabled && discovery.allow_dynamic_workers
  const usesMdns = isDynamic && discovery.method !== 'nats'
  const joined = await startJoinedServer({
    binary: parts.natsServer,
    runFolder: runFolder(dataFolder),
    meshFile: dataPaths(dataFolder).meshFile,
    meshKey,
    listener: {
      workerId,
      clusterName: nats.cluster_name,
      host: nats.route_address,
      port: nats.route_port,
    },
    statics: workers.static.map(({ ip, port }) => ({ host: ip, port: port ?? defaultRoutePort })),
    clock,
    log,
  })
  started(() => joined.stop())
  const bus = await openNatsBus({ server: joined.server.address, log })
  started(() => bus.close())
  const membership = openMembership({
    workerId,
    name: name ?? hostname(),
    keepName: wanted => keepName(dataFolder, wanted),
    kept: joined.kept,
    bus,
    clock,
    log,
    enforce: joined.enforce,
    routes: joined.routes,
    isLeader,
  })
  started(() => membership.close())
  const announce = () => ({
    workerId,
    epoch,
    name: membership.self().name,
    mesh: membership.mesh(),
    routePort: joined.ownRoute()?.port ?? 0,
    version,
    pairing: pairing?.invitation() ?? null,
  })
  /** It looks for Macs nearby, which are told of this one before. */
  let pairing: Pairing | null = null
  const nearby = usesMdns ? openNearby({ clock, log, workerId, announce }) : nobodyNearby
  started(() => nearby.close())
  const pairs = createPairing({ membership, nearby, clock, log })
  pairing = pairs
  started(() => pairs.cancel())
  const lookNearby = () => {
    const meshId = membership.mesh()?.meshId
    for (const peer of nearby.peers()) {
      if (peer.meshId === meshId) joined.hinted(peer.workerId, peer.address, peer.routePort)
    }
  }
  nearby.onChange(lookNearby)
  membership.onChange(() => {
    nearby.refresh()
    lookNearby()
  })
  return {
    bus,
    members: {
      membership,
      pairing: pairs,
      nearby: nearby.peers,
      problem: nearby.problem,
    },
    issueForDoor: doorIssuer(dataPaths(dataFolder).doorSecretFile, membership.secret, clock),
    self: () => ({ name: membership.self().name, roster: membership.digest(), route: joined.ownRoute() }),
    heard: ({ workerId: other, route }) => {
      if (isDynamic && discovery.method !== 'mdns' && route && other !== workerId)
        joined.sighted(other, route.addresses, route.port)
    },
  }
}
