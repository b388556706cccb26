import type { ConnectionOptions } from '@nats-io/transport-node'

/** Where a nats-server takes clients, and what it wants to hear from them. */
export interface NatsAddress {
  readonly host: string
  readonly port: number
  readonly user?: string | undefined
  readonly password?: string | undefined
}

export function hostAndPort(address: NatsAddress): string {
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
}

export function connectionOptions(address: NatsAddress): ConnectionOptions {
  const { user, password } = address
  return {
    servers: hostAndPort(address),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { pass: password }),
    ignoreClusterUpdates: true,
  }
}
