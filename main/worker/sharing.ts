// Whether this Mac works for others, kept up to date: looks at the machine, obeys its owner, tells who wants to know.
// What is decided from that stands in `sharing-policy.ts`.
import type { Clock } from '../protocol/clock.ts'
import type { Sharing, SharingOrder } from '../protocol/workers.ts'
import type { Log } from '../telemetry/log.ts'
import { keepWish, readWish, wishAfter } from './owner-wish.ts'
import { decideSharing, type OwnerSignals, type SharingSettings, undecided } from './sharing-policy.ts'

export interface SharingOptions {
  readonly settings: SharingSettings
  /** Where the owner's wish is kept. */
  readonly file: string
  /** Must end by itself, and never rejects. */
  readonly readSignals: () => Promise<OwnerSignals>
  readonly clock: Clock
  readonly log: Log
}

export interface SharingState {
  now(): Sharing
  obey(order: SharingOrder): Sharing
  /** From now on nothing new is taken; there is no way back. */
  leave(): void
  onChange(run: () => void): () => void
  stop(): void
}

const lookEveryMs = 5000
const decideEveryMs = 1000

/** Resolves after the first look, so that a Mac on battery does not begin with sharing. */
export async function openSharing(options: SharingOptions): Promise<SharingState> {
  const { settings, file, clock, log } = options
  const listeners = new Set<() => void>()
  let wish = readWish(file, log)
  let decision = undecided
  let leaving: Sharing | null = null
  let isLooking = false
  let signals = await options.readSignals()
  decide()

  const stop = [clock.every(lookEveryMs, () => void look()), clock.every(decideEveryMs, decide)]

  return {
    now,
    obey: order => {
      wish = wishAfter(order, wish, clock.now())
      keepWish(file, wish, log)
      decide()
      return now()
    },
    leave: () => {
      if (leaving) return
      leaving = { state: 'leaving', reason: 'it is stopping', untilMs: null }
      tell()
    },
    onChange: run => {
      listeners.add(run)
      return () => listeners.delete(run)
    },
    stop: () => {
      for (const end of stop) end()
      listeners.clear()
    },
  }

  function now(): Sharing {
    return leaving ?? decision.sharing
  }

  async function look(): Promise<void> {
    if (isLooking) return
    isLooking = true
    signals = await options.readSignals()
    isLooking = false
    decide()
  }

  function decide(): void {
    const before = now()
    decision = decideSharing({ signals, settings, wish, nowMs: clock.now() }, decision)
    if (!isSame(before, now())) tell()
  }

  function tell(): void {
    log.info('sharing has changed', now())
    for (const run of listeners) run()
  }
}

function isSame(one: Sharing, other: Sharing): boolean {
  return one.state === other.state && one.reason === other.reason && one.untilMs === other.untilMs
}
