// A nats-server that users run themselves, for peers without one of their own.
import { createInterface } from 'node:readline'
import { parts } from '../../main/config/parts.ts'
import { findFreePort } from '../../main/fabric/free-port.ts'
import type { Place } from './place.ts'

export interface OutsideServer {
  /** What belongs into `cluster.yaml`. */
  readonly cluster: { readonly nats: { readonly embedded: false; readonly server_url: string } }
  stop(): Promise<void>
}

const startsWithinMs = 15_000

export async function startNatsOn(place: Place): Promise<OutsideServer> {
  const port = await findFreePort('127.0.0.1')
  const login = ['--user', 'tester', '--pass', 'secret']
  const child = place.run({
    command: parts.natsServer,
    args: ['--addr', place.address, '--port', String(port), ...login],
  })
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('nats-server was not ready in time')), startsWithinMs)
    child.exited
      .then(({ reason }) => reject(new Error(`nats-server ${reason}`)))
      .finally(() => clearTimeout(timer))
    createInterface(child.stderr).on('line', line => {
      if (!line.includes('Server is ready')) return
      clearTimeout(timer)
      resolve()
    })
  })
  return {
    cluster: { nats: { embedded: false, server_url: `nats://tester:secret@${place.address}:${port}` } },
    stop: async () => void (await child.stop(1_000)),
  }
}
