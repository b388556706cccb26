// Macs with real nats-servers and nothing else, in one process and on loopback.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openPeers, type Peers } from '../../main/cluster/peers.ts'
import type { Bus } from '../../main/fabric/bus.ts'
import { openNatsBus } from '../../main/fabric/nats-bus.ts'
import type { RouteAddress } from '../../main/fabric/nats-config.ts'
import { type JoinedServer, startJoinedServer } from '../../main/membership/joined-server.ts'
import { type OpenMembership, openMembership } from '../../main/membership/open-membership.ts'
import { realClock } from '../../main/protocol/clock.ts'
import { recordLog } from '../fabric/record-log.ts'
import { natsServerBinary } from '../support/runtime.ts'

export interface Mac {
  readonly name: string
  readonly workerId: string
  readonly folder: string
  readonly bus: Bus
  readonly joined: JoinedServer
  readonly membership: OpenMembership
  readonly peers: Peers
  readonly lines: ReturnType<typeof recordLog>['lines']
  /** Starts it once more, as after a crash, where it was. */
  again(more?: { meshKey?: Uint8Array }): Promise<Mac>
  /** Names of the Macs that it sees. */
  sees(): string[]
  stop(): Promise<void>
}

const clock = realClock

export async function startMac(
  name: string,
  more: {
    folder?: string
    statics?: readonly RouteAddress[]
    workerId?: string
    port?: number
    meshKey?: Uint8Array
  } = {},
): Promise<Mac> {
  const folder = more.folder ?? mkdtempSync(join(tmpdir(), 'mlx mesh '))
  const workerId = more.workerId ?? `${name.toLowerCase()}0000000000`.slice(0, 10)
  const { log, lines } = recordLog()
  const joined = await startJoinedServer({
    binary: natsServerBinary,
    runFolder: join(folder, 'run'),
    meshFile: join(folder, 'mesh.json'),
    meshKey: more.meshKey ?? null,
    listener: { workerId, clusterName: 'mlx-mesh', host: '127.0.0.1', port: more.port ?? 0 },
    statics: more.statics ?? [],
    clock,
    log,
  })
  const bus = await openNatsBus({ server: joined.server.address, log })
  const membership = openMembership({
    workerId,
    name,
    keepName: () => {},
    kept: joined.kept,
    bus,
    clock,
    log,
    enforce: joined.enforce,
    routes: joined.routes,
    isLeader: () => peers.leader()?.workerId === workerId,
  })
  const peers: Peers = openPeers({
    bus,
    clock,
    log,
    heartbeatIntervalMs: 200,
    offlineTimeoutMs: 1000,
    self: () => ({
      workerId,
      name: membership.self().name,
      version: '0.1.0',
      mode: 'dual',
      roster: membership.digest(),
      route: joined.ownRoute(),
    }),
    onSilent: () => {},
    onBeat: beat => {
      if (beat.route && beat.workerId !== workerId) {
        joined.sighted(beat.workerId, beat.route.addresses, beat.route.port)
      }
    },
  })
  let stopped = false
  const port = () => joined.ownRoute()?.port ?? 0
  let lastPort = 0
  const mac: Mac = {
    name,
    workerId,
    folder,
    bus,
    joined,
    membership,
    peers,
    lines,
    again: (more = {}) => startMac(name, { folder, workerId, port: lastPort, ...more }),
    sees: () =>
      peers
        .present()
        .map(beat => beat.name)
        .sort(),
    async stop() {
      if (stopped) return
      stopped = true
      lastPort = port()
      peers.close()
      membership.close()
      await bus.close()
      await joined.stop()
    },
  }
  onTestFinished(async () => {
    await mac.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  return mac
}

/** A mesh of Macs that all see each other. */
export async function startMesh(...names: string[]): Promise<Mac[]> {
  const macs: Mac[] = []
  for (const name of names) macs.push(await startMac(name))
  const [first, ...others] = macs
  await first?.membership.create('home')
  for (const other of others) if (first) await pair(first, other)
  await until(() => macs.every(mac => mac.sees().length === macs.length))
  return macs
}

export async function pair(inviter: Mac, newcomer: Mac): Promise<void> {
  await newcomer.membership.join(await inviter.membership.admit(newcomer.membership.self()))
}

/** Looks again and again until it is so; fails after `withinMs`. */
export async function until(isSo: () => boolean, withinMs = 8000): Promise<void> {
  const deadlineMs = Date.now() + withinMs
  while (!isSo()) {
    if (Date.now() > deadlineMs) throw new Error(`it did not become so within ${withinMs} ms: ${isSo}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
