import { join } from 'node:path'
import { parts } from '../../main/config/parts.ts'
import { writeFileAtomically } from '../../main/config/write-file.ts'
import { findFreePort } from '../../main/fabric/free-port.ts'
import { natsConfig } from '../../main/fabric/nats-config.ts'
import { type Program, startProgram } from './program.ts'

const login = { user: 'bench', password: 'bench' }

/** The mesh's nats-server with the mesh's settings, on core 1. */
export async function startNats(folder: string): Promise<Program & { readonly url: string }> {
  const host = '127.0.0.1'
  const port = await findFreePort(host)
  const file = join(folder, 'nats-server.conf')
  writeFileAtomically(file, natsConfig({ host, port, ...login }, null))
  const program = await startProgram({
    name: 'nats-server',
    command: parts.natsServer,
    args: ['-c', file],
    place: 'others',
    ready: /Server is ready/,
    readyWithinMs: 10_000,
  })
  return { ...program, url: `nats://${login.user}:${login.password}@${host}:${port}` }
}
