import { setTimeout as sleep } from 'node:timers/promises'
import { familyMemoryBytes } from './process-memory.ts'

const looks = 6
const betweenMs = 1_000

/** The least of several looks: what is still there when garbage has been collected. */
export async function lastingMemoryBytes(pid: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < looks; i++) {
    await sleep(betweenMs)
    least = Math.min(least, familyMemoryBytes(pid))
  }
  return least
}
