// Owns the embedded nats-server: starts it, watches it, replaces it when it dies or freezes, stops it.
import { randomBytes } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { connect } from '@nats-io/transport-node'
import { writeFileAtomically } from '../config/write-file.ts'
import { type Child, type ChildExit, startChild } from '../process/child.ts'
import type { Log } from '../telemetry/log.ts'
import { findFreePort, isPortFree } from './free-port.ts'
import { connectionOptions, type NatsAddress } from './nats-address.ts'
import { natsConfig } from './nats-config.ts'
import { logNatsOutput } from './nats-log.ts'

export interface NatsServerOptions {
  /** Path of the nats-server program. */
  readonly binary: string
  /** For its configuration; this peer's own. */
  readonly runFolder: string
  readonly log: Log
}

export interface NatsServer {
  /** Where clients find it now. The port changes only when another program took it while the server was down. */
  address(): NatsAddress
  /** Process id of the server that runs now. */
  pid(): number
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
/** The first respawn is immediate, as long as the server before lived this long. */
const healthyLifeMs = 10_000
const shortestWaitMs = 100
const longestWaitMs = 5_000

/** Resolves when it takes connections; rejects when it cannot be started. */
export async function startNatsServer({ binary, runFolder, log }: NatsServerOptions): Promise<NatsServer> {
  const configFile = join(runFolder, 'nats-server.conf')
  const login = { user: 'peer', password: randomBytes(32).toString('hex') }
  const stopping = new AbortController()
  let port = await findFreePort(host)
  let child: Child
  const address = () => ({ host, port, ...login })

  child = await launch()
  const supervision = supervise(child)

  return {
    address,
    pid: () => child.pid,
    async stop() {
      stopping.abort()
      await child.stop(stopGraceMs)
      await supervision
      await rm(configFile, { force: true })
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
        log.warn('nats-server is gone, starting it again', { reason })
      }
      waitMs = Date.now() - startedAtMs > healthyLifeMs ? 0 : waitMs
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
    await configure()
    stopping.signal.throwIfAborted()
    child = startChild({ command: binary, args: ['-c', configFile], guarded: true })
    const started = child
    const output = logNatsOutput(started.stderr, log)
    const exit = await exitBeforeReady(started)
    if (exit) {
      await output.ended
      throw new Error(`nats-server (${binary}) ${exit.reason}. It said: ${output.lastLine() || 'nothing'}`)
    }
    log.info('nats-server is ready', { port, pid: started.pid, afterMs: Date.now() - startedAtMs })
    return started
  }

  /** On a full disk a server can still come back, with the file that is there. */
  async function configure(): Promise<void> {
    const wanted = natsConfig(address())
    const present = await readFile(configFile, 'utf8').catch(() => null)
    if (present !== wanted) writeFileAtomically(configFile, wanted)
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
