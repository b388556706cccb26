import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ManualClock } from './manual-clock.ts'

const stepMs = 10
/** A message and its answer take a turn each, and each end gathers for a turn what it sends. */
const turnsPerStep = 5

/** Moves the clock in small steps and lets everybody in this process do in each step what is due. */
export async function letTimePass(clock: ManualClock, ms: number): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += stepMs) {
    clock.advance(stepMs)
    for (let turn = 0; turn < turnsPerStep; turn++) await nextTurn()
  }
}

/** Lets time pass until the promise is settled. */
export async function whileTimePasses<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  let settled = false
  const passing = (async () => {
    while (!settled) await letTimePass(clock, stepMs)
  })()
  try {
    return await promise
  } finally {
    settled = true
    await passing
  }
}
