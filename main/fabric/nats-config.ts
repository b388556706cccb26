import { rename, writeFile } from 'node:fs/promises'
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

/** Readable by this user only, and never half-written: a reader sees the old text or the new one. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const unfinished = `${path}.${process.pid}.tmp`
  await writeFile(unfinished, text, { mode: 0o600 })
  await rename(unfinished, path)
}
