// Keeps the app up to date, and says how far that is. Nothing is installed before its owner quits the app, or says so.
import type { UpdateState } from '../../preload/bridge.ts'
import type { Clock } from '../protocol/clock.ts'
import type { Log } from '../telemetry/log.ts'
import { noUpdates, type Updates } from './updates-port.ts'

/** What knows where versions come from, and how one is put in the place of another. */
export interface Updater {
  /**
   * Looks for a newer version and downloads it. Resolves with it once it can be installed, with null if there is none;
   * rejects with an Error for the reader. `abort` makes it end, whatever it waits for.
   */
  fetch(onProgress: (percent: number) => void, abort: AbortSignal): Promise<string | null>
  /** Ends the app and starts the new version. */
  install(): void
}

export interface UpdatesOptions {
  /** A text says why this build is not updated by itself. */
  readonly updater: Updater | string
  /** Whether to look without being asked, soon after the start and then once a day; asked each time. */
  readonly automatic: () => boolean
  readonly clock: Clock
  readonly log: Log
}

export interface KeptUpdates extends Updates {
  close(): void
}

/** The start belongs to the mesh. */
const firstLookMs = 15_000
const lookEachMs = 24 * 3_600_000
/** A connection that says nothing for so long will not say anything any more. */
const silenceMs = 90_000

export function keepUpdated({ updater, automatic, clock, log }: UpdatesOptions): KeptUpdates {
  if (typeof updater === 'string') return { ...noUpdates(updater), close: () => {} }
  const from = updater
  const watching = new Set<(state: UpdateState) => void>()
  let state: UpdateState = { state: 'idle' }
  let looking: Promise<void> | null = null
  let abort = new AbortController()
  const lookUnasked = () => {
    if (automatic()) void check()
  }
  const stops = [clock.after(firstLookMs, lookUnasked), clock.every(lookEachMs, lookUnasked)]

  return {
    state: () => state,
    onState: run => void watching.add(run),
    check,
    install() {
      if (state.state === 'ready') from.install()
      return Promise.resolve()
    },
    close() {
      for (const stop of stops) stop()
      watching.clear()
      abort.abort()
    },
  }

  /** What is ready waits for its owner; two looks at once are one. */
  function check(): Promise<void> {
    if (state.state === 'ready') return Promise.resolve()
    looking ??= look().finally(() => {
      looking = null
    })
    return looking
  }

  async function look(): Promise<void> {
    abort = new AbortController()
    const silence = watchSilence(clock, () => abort.abort())
    become({ state: 'checking' })
    try {
      const version = await from.fetch(percent => {
        silence.heard()
        become({ state: 'downloading', percent })
      }, abort.signal)
      become(version === null ? { state: 'current' } : { state: 'ready', version })
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error)
      const reason = silence.fell() ? 'The server for updates has stopped answering.' : said
      log.warn('no update could be had', { reason })
      become({ state: 'failed', reason })
    } finally {
      silence.end()
    }
  }

  function become(next: UpdateState): void {
    state = next
    for (const run of watching) run(next)
  }
}

/** Calls back when nothing has been heard for too long. */
function watchSilence(clock: Clock, onSilence: () => void) {
  let fell = false
  const fall = () => {
    fell = true
    onSilence()
  }
  let stop = clock.after(silenceMs, fall)
  return {
    fell: () => fell,
    heard() {
      stop()
      stop = clock.after(silenceMs, fall)
    },
    end: () => stop(),
  }
}
