// Makes what is missing, in order. Knows nothing of single steps; finds out what is done by their stamps alone.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { takeLock } from './lock.mjs'
import { checkPlatform } from './platform.mjs'
import { isDone, makeStep } from './step.mjs'

/**
 * @param {string} root the checkout
 * @param {import('./step.mjs').Step[]} steps each may use the results of those before it
 * @param {import('./progress.mjs').Progress} progress
 */
export async function setUp(root, steps, progress) {
  if (steps.every(isDone)) return
  checkPlatform()
  const runtime = join(root, 'resources', 'runtime')
  mkdirSync(runtime, { recursive: true })
  const release = await takeLock(join(runtime, 'set-up.lock'), owner =>
    progress.say(`Another set-up is at work here (process ${owner}); waiting for it.`),
  )
  try {
    for (const step of steps) {
      if (!isDone(step))
        await progress.during(step.name, report => makeStep(step, join(runtime, 'partial'), report))
    }
  } finally {
    release()
  }
}
