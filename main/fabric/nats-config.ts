import { maxMessageBytes } from './bus.ts'
import type { NatsAddress } from './nats-address.ts'

/** No listener but the one for clients on loopback. JSON is a subset of the format of nats-server. */
export function natsConfig(address: NatsAddress): string {
  const config = {
    listen: `${address.host}:${address.port}`,
    authorization: { user: address.user, password: address.password, timeout: 2 },
    max_payload: maxMessageBytes,
    // Shorter, or with a small `max_pending`, a slow reader would lose data.
    write_deadline: '10s',
    logtime: false,
  }
  return `${JSON.stringify(config, null, 2)}\n`
}
