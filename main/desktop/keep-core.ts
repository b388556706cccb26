// Keeps the core alive: starts it, watches it, starts it again with growing pauses, and says what is in the way.
import { z } from 'zod'
import type { CoreState, PeerAddress } from '../../preload/bridge.ts'
import type { Clock } from '../protocol/clock.ts'
import type { Log } from '../telemetry/log.ts'
import type { CoreExit, CoreProcess } from './core-process.ts'

export interface KeepCoreOptions {
  readonly start: (onLine: (line: string) => void) => CoreProcess
  /** Asked once the core has started. */
  readonly token: () => string
  /** Whether the peer answers. Must end by itself, and never rejects. */
  readonly probe: (url: string) => Promise<boolean>
  readonly clock: Clock
  readonly log: Log
}

export interface CoreKeeper {
  state(): CoreState
  /** Returns how to end it. */
  onState(run: (state: CoreState) => void): () => void
  /** Tries again at once where it failed; else stops the core in order, and starts it. */
  restart(): void
  /** Lets running answers end, then resolves. */
  stop(): Promise<void>
  /** Ends the core at once. */
  kill(): void
}

/** How the life of one core ended. */
interface Ending {
  readonly reason: string
  readonly ranMs: number
  /** It will end in the same way until somebody changes something. */
  readonly refused: boolean
}

const startWithinMs = 60_000
/** Answers in hand may take 30 s before. */
const startAnewWithinMs = 100_000
/** What the core allows itself for its answers (30 s) and its processes, and a little more. */
const stopWithinMs = 37_000
const probeEveryMs = 3000
/** About 10 s. */
const probesMissed = 3
const firstPauseMs = 250
/** A core that ran for so long has not failed to start. */
const steadyMs = 30_000
const mostFailures = 5
const retryFailedMs = 30_000
/** `serve` ends with it when the command line or the configuration is wrong. */
const misconfigured = 2

export function keepCore({ start, token, probe, clock, log }: KeepCoreOptions): CoreKeeper {
  const listeners = new Set<(state: CoreState) => void>()
  let state: CoreState = { state: 'starting' }
  let current: CoreProcess | null = null
  let stopping = false
  let asked = false
  let wake = () => {}
  const ended = live()

  return {
    state: () => state,
    onState(run) {
      listeners.add(run)
      return () => listeners.delete(run)
    },
    restart() {
      if (stopping) return
      asked = true
      become({ state: 'starting' })
      stopInTime()
      wake()
    },
    async stop() {
      stopping = true
      stopInTime()
      wake()
      await ended
    },
    kill() {
      stopping = true
      current?.kill()
      wake()
    },
  }

  function stopInTime(): void {
    const core = current
    if (!core) return
    core.stop()
    const callOff = clock.after(stopWithinMs, () => core.kill())
    void core.exited.then(callOff)
  }

  async function live(): Promise<void> {
    for (let failures = 0; !stopping; ) {
      const { reason, ranMs, refused } = await liveOnce().catch(neverBegun)
      if (stopping) return
      if (asked) {
        asked = false
        failures = 0
        continue
      }
      failures = ranMs >= steadyMs ? 1 : failures + 1
      log.error('the core has ended', { reason, failures })
      const hopeless = refused || failures >= mostFailures
      become({ state: hopeless ? 'failed' : 'restarting', reason })
      await pause(hopeless ? retryFailedMs : firstPauseMs * 2 ** (failures - 1))
    }
  }

  async function liveOnce(): Promise<Ending> {
    let startedAtMs: number | null = null
    let hung: string | null = null
    let watchNoMore = () => {}
    const end = (why: string) => {
      hung = why
      core.kill()
    }
    const core = start(line => {
      const said = readEvent(line)
      // Its last words may come when it is gone already.
      if (said === null || current !== core) return
      watchNoMore()
      if (said.event === 'started') {
        startedAtMs ??= clock.now()
        const address: PeerAddress = { url: said.url, token: token() }
        become({ state: 'running', peer: address })
        watchNoMore = watch(said.url, end)
      } else {
        become({ state: 'starting' })
        watchNoMore = awaitStart(startAnewWithinMs, end)
      }
    })
    current = core
    watchNoMore = awaitStart(startWithinMs, end)
    const exit = await core.exited
    watchNoMore()
    current = null
    return {
      reason: hung ?? reasonOf(exit, startedAtMs !== null),
      ranMs: startedAtMs === null ? 0 : clock.now() - startedAtMs,
      refused: exit.code === misconfigured,
    }
  }

  function awaitStart(withinMs: number, onHung: (why: string) => void): () => void {
    return clock.after(withinMs, () => onHung(`It did not start within ${withinMs / 1000} s.`))
  }

  function watch(url: string, onHung: (why: string) => void): () => void {
    let missed = 0
    let asking = false
    let over = false
    const probeNoMore = clock.every(probeEveryMs, () => {
      if (asking) return
      asking = true
      void probe(url).then(answered => {
        asking = false
        missed = answered ? 0 : missed + 1
        // Who has been asked to go takes nobody in, and has a time limit of its own.
        if (missed >= probesMissed && !over && !stopping && !asked) onHung('It did not answer for 10 s.')
      })
    })
    return () => {
      over = true
      probeNoMore()
    }
  }

  function become(next: CoreState): void {
    state = next
    for (const run of listeners) run(next)
  }

  function pause(forMs: number): Promise<void> {
    return new Promise(resolve => {
      const goOn = () => {
        callOff()
        wake = () => {}
        resolve()
      }
      const callOff = clock.after(forMs, goOn)
      wake = () => {
        asked = false
        goOn()
      }
    })
  }
}

/** `restarting`: the same process is about to start anew, perhaps at another address, and answers nobody until then. */
const turnEvent = z.discriminatedUnion('event', [
  z.object({ event: z.literal('started'), url: z.string() }),
  z.object({ event: z.literal('restarting') }),
])

/** Null: the line says something else. */
function readEvent(line: string): z.infer<typeof turnEvent> | null {
  try {
    return turnEvent.parse(JSON.parse(line))
  } catch {
    return null
  }
}

/** The system gives no process, or the app itself is damaged. */
function neverBegun(error: unknown): Ending {
  const reason = error instanceof Error ? error.message : String(error)
  return {
    reason: `The part of the app that serves could not be started: ${reason}`,
    ranMs: 0,
    refused: false,
  }
}

/** The core's own words, where it said any before it began to serve. */
function reasonOf({ reason, words }: CoreExit, hadStarted: boolean): string {
  if (hadStarted || words === '') return `The part of the app that serves ${reason}.`
  return words.replace(/^mlx-mesh serve: /, '')
}
