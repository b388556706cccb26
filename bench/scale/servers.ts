// A mesh of nats-servers alone, with the settings that peers give them.
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { parts } from '../../main/config/parts.ts'
import { writeFileAtomically } from '../../main/config/write-file.ts'
import { findFreePort } from '../../main/fabric/free-port.ts'
import { configFile, natsFiles } from '../../main/fabric/nats-config.ts'
import { routeSettings } from '../../main/membership/route-settings.ts'
import { drawMembers } from '../../test/machines/members.ts'
import { until } from '../../test/machines/mesh.ts'
import { type Program, startProgram } from '../programs/program.ts'
import { withTemporaryFolder } from '../programs/temporary-folder.ts'

export interface Formed {
  /** From the start of the first until each has a route to each other one. */
  readonly formedMs: number
  /** Proportional set size, mean of all. */
  readonly memoryMB: number
}

const host = '127.0.0.1'
const routez = z.object({ routes: z.array(z.object({ remote_id: z.string() })) })
const withinMs = 60_000

export function formServers(count: number): Promise<Formed> {
  return withTemporaryFolder(async folder => {
    const servers = await configure(folder, count)
    const begunAtMs = performance.now()
    const starting = servers.map(({ file, monitor }) => start(file, monitor))
    const running = await Promise.all(starting)
    try {
      await until(() => allJoined(servers), withinMs, 'all servers to be joined')
      const formedMs = performance.now() - begunAtMs
      const memory = await Promise.all(running.map(({ pid }) => memoryOf(pid)))
      return { formedMs, memoryMB: memory.reduce((sum, each) => sum + each, 0) / count }
    } finally {
      await Promise.all(running.map(server => server.stop()))
    }
  })
}

interface Server {
  readonly file: string
  readonly monitor: number
}

async function configure(folder: string, count: number): Promise<Server[]> {
  const { members, mesh } = drawMembers(count)
  const ports = await freePorts(3 * count)
  const macs = members.map((member, at) => ({ ...member, port: ports[at] ?? 0 }))
  return Promise.all(
    macs.map(async ({ workerId, key, port }, at) => {
      const own = join(folder, workerId)
      await mkdir(own)
      const known = macs[0]
      const routes = at === 0 || !known ? [] : [{ host, port: known.port }]
      const settings = await routeSettings(
        { ...mesh, key, routes: [] },
        { workerId, clusterName: 'bench', host, port },
        routes,
      )
      const login = { host, port: ports[count + at] ?? 0, user: 'bench', password: 'bench' }
      for (const [file, text] of natsFiles(own, login, settings, port)) writeFileAtomically(file, text)
      return { file: configFile(own), monitor: ports[2 * count + at] ?? 0 }
    }),
  )
}

/** No two of them the same. */
async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>()
  while (ports.size < count) ports.add(await findFreePort(host))
  return [...ports]
}

function start(file: string, monitor: number): Promise<Program> {
  return startProgram({
    name: 'nats-server',
    command: parts.natsServer,
    args: ['-c', file, '-m', String(monitor)],
    place: 'anywhere',
    ready: /Server is ready/,
    readyWithinMs: withinMs,
  })
}

async function allJoined(servers: readonly Server[]): Promise<true | string> {
  for (const { monitor } of servers) {
    const response = await fetch(`http://${host}:${monitor}/routez`)
    const { routes } = routez.parse(await response.json())
    const others = new Set(routes.map(route => route.remote_id)).size
    if (others < servers.length - 1) return `one of them has ${others} others`
  }
  return true
}

async function memoryOf(pid: number): Promise<number> {
  const smaps = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8')
  return Number(/^Pss:\s+(\d+) kB/m.exec(smaps)?.[1]) / 1024
}
