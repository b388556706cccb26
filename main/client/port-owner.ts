// Who listens on a TCP port of this machine, as far as the system's own tools tell.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Config } from '../config/config.ts'
import { CommandError } from './command-error.ts'

const run = promisify(execFile)

/** `node (process 4711)`; null when nobody listens, or the tools are missing or may not tell. */
export async function findPortOwner(port: number): Promise<string | null> {
  return (await askLsof(port)) ?? (await askSs(port))
}

/** Rethrows; a port in use becomes an error that says what to do, at a terminal or (`inApp`) without one. */
export async function explainPortInUse(error: unknown, config: Config, inApp: boolean): Promise<never> {
  const port = portInUse(error)
  if (port === null) throw error
  const owner = await findPortOwner(port)
  throw new CommandError(
    `port ${port} is in use${owner === null ? '' : ` by ${owner}`}.\n${howToChoose(port, config, inApp)}`,
  )
}

function howToChoose(port: number, { controller, monitoring, nats }: Config, inApp: boolean): string {
  if (port === controller.port) {
    return inApp
      ? `Quit that program, or choose another port: put the line "cluster: { controller: { port: ${nextTo(port)} } }" into the file cluster.yaml of the data folder.`
      : 'Choose another one with --port PORT (0: any free one) or MLX_MESH_PORT.'
  }
  const others: [string, number | null][] = [
    ['controller.dashboard_port', controller.dashboard_port],
    ['monitoring.metrics.prometheus_port', monitoring.metrics.prometheus_port],
    ['nats.route_port', nats.route_port],
  ]
  const key = others.find(([, taken]) => taken === port)?.[0] ?? 'it'
  return `Choose another one for ${key}, in the settings or in cluster.yaml of the data folder.`
}

function nextTo(port: number): number {
  return port < 65_535 ? port + 1 : port - 1
}

function portInUse(error: unknown): number | null {
  if (!(error instanceof Error)) return null
  const isThis = 'code' in error && error.code === 'EADDRINUSE'
  return isThis && 'port' in error && typeof error.port === 'number' ? error.port : portInUse(error.cause)
}

async function askLsof(port: number): Promise<string | null> {
  const text = await output('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'])
  const pid = /^p(\d+)$/m.exec(text)?.[1]
  const name = /^c(.+)$/m.exec(text)?.[1]
  return pid && name ? `${name} (process ${pid})` : null
}

async function askSs(port: number): Promise<string | null> {
  const text = await output('ss', ['-Hltnp', `sport = :${port}`])
  const [, name, pid] = /\(\("([^"]+)",pid=(\d+)/.exec(text) ?? []
  return pid && name ? `${name} (process ${pid})` : null
}

/** '' when the tool is missing or finds nothing. */
async function output(tool: string, args: string[]): Promise<string> {
  try {
    return (await run(tool, args, { timeout: 3000 })).stdout
  } catch {
    return ''
  }
}
