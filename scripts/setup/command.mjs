// What every command of scripts/ begins with: its own set-up, and errors that a person can use.
import { fileURLToPath } from 'node:url'
import { showProgress } from './progress.mjs'
import { setUp } from './set-up.mjs'
import { SetUpError } from './set-up-error.mjs'

export const root = fileURLToPath(new URL('../..', import.meta.url))

const signals = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }

/**
 * Ends the process with exit code 1 if a part cannot be made, and with 128 + n on a signal; whatever runs then ends with it.
 * @param {import('./step.mjs').Step[]} steps
 */
export async function prepare(steps) {
  const stops = Object.entries(signals).map(([signal, number]) => ({
    signal,
    stop: () => process.exit(128 + number),
  }))
  for (const { signal, stop } of stops) process.on(signal, stop)
  try {
    await setUp(root, steps, showProgress())
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error
    console.error(`\n${error.message}\n\nWhat to do: ${error.remedy}`)
    process.exit(1)
  } finally {
    for (const { signal, stop } of stops) process.off(signal, stop)
  }
}
