import type { ConnectionOptions } from '@nats-io/transport-node'
import { withoutLogin } from '../config/without-login.ts'
import { MeshError } from '../protocol/errors.ts'

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

/** `nats://user:password@host:4222`; the port may be missing. Throws MeshError('INVALID_REQUEST'). */
export function parseNatsUrl(text: string): NatsAddress {
  const url = URL.parse(text)
  if (url?.protocol !== 'nats:' || url.hostname === '') {
    throw new MeshError(
      'INVALID_REQUEST',
      `nats.server_url: "${withoutLogin(text)}" is no address such as nats://host:4222.`,
    )
  }
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? 4222 : Number(url.port),
    ...(url.username === '' ? {} : { user: decodeURIComponent(url.username) }),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
  }
}
