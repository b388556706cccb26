// Owns the embedded nats-server: starts it, watches it, replaces it when it dies or freezes, stops it.
import { randomBytes } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { connect } from '@nats-io/transport-node'
import { writeFileAtomically } from '../config/write-file.ts'
import { type Child, type ChildExit, startChild } from '../process/child.ts'
import type { Log } from '../telemetry/log.ts'
import { findFreePort, isPortFree } from './free-port.ts'
import { connectionOptions, type NatsAddress } from './nats-address.ts'
import { configFile, natsFiles, type RouteSettings, type ServerFiles } from './nats-config.ts'
import { logNatsOutput } from './nats-log.ts'

export interface NatsServerOptions {
  /** Path of the nats-server program. */
  readonly binary: string
  /** For its configuration; this peer's own. */
  readonly runFolder: string
  /** Null: it is joined to no other server. */
  readonly routes?: RouteSettings | null
  readonly log: Log
}

export interface NatsServer {
  /** Where clients find it now. The port changes only when another program took it while the server was down. */
  address(): NatsAddress
  /** Process id of the server that runs now. */
  pid(): number
  /** Where it takes routes of other servers; null: nowhere. */
  routePort(): number | null
  /**
   * Joins it to other servers, or cuts it off from those whose keys are not named any more; resolves when that is done. Routes
   * that remain allowed live on. A server that does not take the settings within 5 s is started again with them.
   */
  setRoutes(settings: RouteSettings | null): Promise<void>
  stop(): Promise<void>
}

const host = '127.0.0.1'
const readyTimeoutMs = 10_000
const readyPollMs = 10
const checkPeriodMs = 500
/** Two misses in a row: a frozen server is replaced within about 2.5 s. */
const answerTimeoutMs = 750
const mostMissedAnswers = 2
const stopGraceMs = 2_000
const reloadTimeoutMs = 5_000
/** The first respawn is immediate, as long as the server before lived this long. */
const healthyLifeMs = 10_000
const shortestWaitMs = 100
const longestWaitMs = 5_000

/** Resolves when it takes connections; rejects when it cannot be started. */
export async function startNatsServer(options: NatsServerOptions): Promise<NatsServer> {
  const { binary, runFolder, log } = options
  const login = { user: 'peer', password: randomBytes(32).toString('hex') }
  const stopping = new AbortController()
  let port = await findFreePort(host)
  let routes = options.routes ?? null
  let routePort = 0
  let files: ServerFiles = new Map()
  let child: Child
  let onMessage = (_message: string) => {}
  /** The settings of the server that is ready; undefined while none is. */
  let readyWith: RouteSettings | null | undefined
  let restarting = false
  let changes: Promise<unknown> = Promise.resolve()
  const address = () => ({ host, port, ...login })

  child = await launch()
  const supervision = supervise(child)

  return {
    address,
    pid: () => child.pid,
    routePort: () => (routes ? routePort : null),
    setRoutes(settings) {
      const change = changes.then(() => changeRoutes(settings))
      changes = change.catch(() => {})
      return change
    },
    async stop() {
      stopping.abort()
      await child.stop(stopGraceMs)
      await supervision
      for (const file of files.keys()) await rm(file, { force: true })
    },
  }

  async function supervise(first: Child): Promise<void> {
    let running: Child | null = first
    let waitMs = 0
    while (!stopping.signal.aborted) {
      const startedAtMs = Date.now()
      if (running) {
        const reason = await endOf(running)
        if (stopping.signal.aborted) return
        if (!restarting) log.warn('nats-server is gone, starting it again', { reason })
      }
      waitMs = restarting || Date.now() - startedAtMs > healthyLifeMs ? 0 : waitMs
      restarting = false
      await delay(waitMs, undefined, { signal: stopping.signal }).catch(() => {})
      waitMs = Math.min(longestWaitMs, Math.max(shortestWaitMs, waitMs * 2))
      running = await launch().catch(error => {
        if (!stopping.signal.aborted) log.error('nats-server did not start', { error, retryInMs: waitMs })
        return null
      })
    }
  }

  async function launch(): Promise<Child> {
    const startedAtMs = Date.now()
    if (!(await isPortFree(host, port))) port = await findFreePort(host)
    await findRoutePort()
    readyWith = undefined
    const settings = routes
    await configure()
    stopping.signal.throwIfAborted()
    child = startChild({ command: binary, args: ['-c', configFile(runFolder)], guarded: true })
    const started = child
    const output = logNatsOutput(started.stderr, log, message => onMessage(message))
    const exit = await exitBeforeReady(started)
    if (exit) {
      await output.ended
      throw new Error(`nats-server (${binary}) ${exit.reason}. It said: ${output.lastLine() || 'nothing'}`)
    }
    readyWith = settings
    restarting = false
    log.info('nats-server is ready', { port, pid: started.pid, afterMs: Date.now() - startedAtMs })
    return started
  }

  /** On a full disk a server can still come back, with the files that are there. */
  async function configure(): Promise<void> {
    const wanted = natsFiles(runFolder, address(), routes, routePort)
    for (const [file, text] of wanted) {
      const present = await readFile(file, 'utf8').catch(() => null)
      if (present !== text) writeFileAtomically(file, text)
    }
    for (const file of files.keys()) if (!wanted.has(file)) await rm(file, { force: true })
    files = wanted
  }

  /** Keeps the port that it has as long as nobody else took it. */
  async function findRoutePort(): Promise<void> {
    if (!routes) return
    const wanted = routePort || routes.port
    if (wanted !== 0 && (await isPortFree(routes.host, wanted))) routePort = wanted
    else {
      routePort = await findFreePort(routes.host)
      if (wanted !== 0) log.warn('the port for other Macs is taken; using another one', { wanted, routePort })
    }
  }

  async function changeRoutes(settings: RouteSettings | null): Promise<void> {
    const before = routes
    routes = settings
    stopping.signal.throwIfAborted()
    const sameListener = before?.host === settings?.host && before?.port === settings?.port
    if (!sameListener) {
      routePort = 0
      await restart()
      return
    }
    await configure()
    const reload = reloaded()
    child.signal('SIGHUP')
    if (await reload) return
    log.warn('nats-server did not take its new settings, starting it again with them')
    await restart()
  }

  async function restart(): Promise<void> {
    const deadlineMs = Date.now() + readyTimeoutMs
    // The one that runs has the old settings, and so may one that is just being started because that one died.
    do {
      restarting = true
      readyWith = undefined
      await child.stop(stopGraceMs)
      while (readyWith === undefined) {
        stopping.signal.throwIfAborted()
        if (Date.now() > deadlineMs) throw new Error('nats-server did not start with its new settings.')
        await delay(readyPollMs)
      }
    } while (readyWith !== routes)
  }

  function reloaded(): Promise<boolean> {
    return new Promise(resolve => {
      const end = (done: boolean) => {
        clearTimeout(timer)
        onMessage = () => {}
        resolve(done)
      }
      const timer = setTimeout(() => end(false), reloadTimeoutMs)
      onMessage = message => {
        if (message.startsWith('Reloaded server configuration')) end(true)
        if (message.startsWith('Failed to reload')) end(false)
      }
    })
  }

  async function exitBeforeReady(started: Child): Promise<ChildExit | null> {
    const exited = settled(started.exited)
    const deadlineMs = Date.now() + readyTimeoutMs
    while (!exited.value) {
      if (await answers(address())) return null
      if (Date.now() > deadlineMs) await started.stop(0)
      await delay(readyPollMs)
    }
    return exited.value
  }

  /** Resolves with the reason when the server is gone; ends it when it has stopped answering. */
  async function endOf(running: Child): Promise<string> {
    const exited = settled(running.exited)
    let missedAnswers = 0
    while (missedAnswers < mostMissedAnswers) {
      await Promise.race([running.exited, delay(checkPeriodMs, undefined, { ref: false })])
      if (exited.value) return exited.value.reason
      missedAnswers = (await answers(address())) ? 0 : missedAnswers + 1
    }
    await running.stop(0)
    return 'stopped answering'
  }
}

/** Connects and logs in: a stranger on the port does not pass for our server. */
async function answers(address: NatsAddress): Promise<boolean> {
  try {
    const client = await connect({
      ...connectionOptions(address),
      reconnect: false,
      timeout: answerTimeoutMs,
    })
    await client.close()
    return true
  } catch {
    return false
  }
}

/** What a promise has resolved to so far. */
function settled<T>(promise: Promise<T>): { readonly value: T | null } {
  const box: { value: T | null } = { value: null }
  void promise.then(value => {
    box.value = value
  })
  return box
}
