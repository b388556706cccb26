// What `serve` says, to a person or (`--json`) to a program: one object a line.
import { hostname } from 'node:os'
import { isLoopback } from '../config/addresses.ts'
import type { Config } from '../config/config.ts'
import { dataPaths } from '../config/data-folder.ts'
import { makeBanner } from './banner.ts'
import type { Terminal } from './terminal.ts'
import { version } from './version.ts'

export interface ServeOutput {
  /** `modelId`: the model that the example asks. */
  started(url: string, config: Config, modelId: string | null): void
  loading(modelId: string): void
  ready(modelId: string, tookMs: number): void
  loadFailed(modelId: string, error: unknown): void
  restarting(): void
  stopping(byCtrlC: boolean): void
}

export function openServeOutput(terminal: Terminal, json: boolean): ServeOutput {
  return json ? forPrograms(terminal) : forPeople(terminal)
}

function forPeople(terminal: Terminal): ServeOutput {
  return {
    started: (url, config, modelId) =>
      terminal.say(
        makeBanner({
          version,
          url,
          dashboard: dashboardOf(url, config),
          others: wayForOthers(url, config),
          modelId,
        }),
      ),
    loading: modelId => terminal.say(`Loading ${modelId} …\n`),
    ready: (modelId, tookMs) => terminal.say(`${modelId} is ready (${(tookMs / 1000).toFixed(1)} s).\n`),
    loadFailed: (modelId, error) => terminal.note(`${modelId} could not be loaded: ${messageOf(error)}\n`),
    restarting: () => terminal.say('Restarting …\n'),
    stopping: byCtrlC => terminal.say(`${byCtrlC ? '\n' : ''}Stopping …\n`),
  }
}

function forPrograms(terminal: Terminal): ServeOutput {
  const say = (event: string, fields: object) => terminal.say(`${JSON.stringify({ event, ...fields })}\n`)
  return {
    started: (url, config) =>
      say('started', {
        version,
        pid: process.pid,
        url,
        endpoint: `${url}/v1`,
        dashboard: dashboardOf(url, config),
        dataFolder: config.dataFolder,
      }),
    loading: modelId => say('loading', { modelId }),
    ready: (modelId, tookMs) => say('ready', { modelId, tookMs: Math.round(tookMs) }),
    loadFailed: (modelId, error) => say('load_failed', { modelId, error: messageOf(error) }),
    restarting: () => say('restarting', {}),
    stopping: () => say('stopping', {}),
  }
}

function dashboardOf(url: string, { dashboard, controller }: Config): string | null {
  if (!dashboard.enabled) return null
  const at = new URL(url)
  if (controller.dashboard_port !== null) at.port = String(controller.dashboard_port)
  return at.href
}

/** `https://studio.local:8080/v1`, and what it takes. */
function wayForOthers(url: string, { controller, dataFolder }: Config): string | null {
  const { bind_address: address, tls } = controller
  if (isLoopback(address)) return null
  const host = ['0.0.0.0', '::'].includes(address) ? hostname() : address
  const { port } = new URL(url)
  const at = `${tls.enabled ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}/v1`
  const trust =
    tls.enabled && tls.cert_file === null ? `; it must trust ${dataPaths(dataFolder).authorityFile}` : ''
  return `${at}   (a client needs a key: "mlx-mesh keys create NAME"${trust})`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
