import { join } from 'node:path'
import { maxMessageBytes } from './bus.ts'
import type { NatsAddress } from './nats-address.ts'

/** How a server is joined to those of the other Macs: mutual TLS, and only with the keys that are named. */
export interface RouteSettings {
  /** Of this server, in the logs of the others. */
  readonly serverName: string
  /** Servers of other names are refused. */
  readonly clusterName: string
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** Where the others take routes. */
  readonly routes: readonly RouteAddress[]
  /** In PEM: this server's certificate with what leads to its authority, its key, and the authorities that it trusts. */
  readonly certificate: string
  readonly key: string
  readonly authorities: string
  /** SHA-256 of the public keys of all members, in hex. */
  readonly pinnedKeys: readonly string[]
}

export interface RouteAddress {
  readonly host: string
  readonly port: number
}

/** The texts of the files that a server is started with, by path. */
export type ServerFiles = ReadonlyMap<string, string>

/** `routePort`: the port that has been found for the routes. JSON is a subset of the format of nats-server. */
export function natsFiles(
  folder: string,
  address: NatsAddress,
  settings: RouteSettings | null,
  routePort: number,
): ServerFiles {
  const files = new Map<string, string>()
  const config = natsConfig(address, settings && clusterConfig(folder, settings, routePort))
  if (settings) {
    files.set(join(folder, 'routes-certificate.pem'), settings.certificate)
    files.set(join(folder, 'routes-key.pem'), settings.key)
    files.set(join(folder, 'routes-authorities.pem'), settings.authorities)
  }
  return files.set(configFile(folder), config)
}

export function configFile(folder: string): string {
  return join(folder, 'nats-server.conf')
}

/** For clients the server listens on loopback only. */
export function natsConfig(address: NatsAddress, routes: object | null): string {
  const config = {
    listen: hostPort(address),
    // As a list: a server with a single user drops its clients at each SIGHUP.
    authorization: { users: [{ user: address.user, password: address.password }], timeout: 2 },
    max_payload: maxMessageBytes,
    // Shorter, or with a small `max_pending`, a slow reader would lose data.
    write_deadline: '10s',
    logtime: false,
    ...routes,
  }
  return `${JSON.stringify(config, null, 2)}\n`
}

function clusterConfig(folder: string, settings: RouteSettings, port: number): object {
  const own = { host: 'localhost', port }
  return {
    server_name: settings.serverName,
    cluster: {
      name: settings.clusterName,
      listen: hostPort({ host: settings.host, port }),
      // More than one connection for each pair: 50 servers take 10.8 s to find each other instead of 4.3 s.
      pool_size: 1,
      ping_interval: '1s',
      ping_max: 2,
      no_advertise: true,
      connect_retries: 30,
      tls: {
        cert_file: join(folder, 'routes-certificate.pem'),
        key_file: join(folder, 'routes-key.pem'),
        ca_file: join(folder, 'routes-authorities.pem'),
        pinned_certs: settings.pinnedKeys,
        verify: true,
        timeout: 3,
      },
      // The name of the first one is what TLS looks for in the certificates of those that are known by address.
      routes: [own, ...settings.routes].map(route => `nats-route://${hostPort(route)}`),
    },
  }
}

function hostPort({ host, port }: RouteAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
