import { readFileSync } from 'node:fs'

/** A negative number asks for a process group. A zombie counts as gone: containers may have nobody to reap it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  return pid < 0 || !isZombie(pid)
}

/** Waits until the process is gone; false when it still lives after `withinMs`. */
export async function hasEnded(pid: number, withinMs: number): Promise<boolean> {
  const deadlineMs = Date.now() + withinMs
  while (isAlive(pid)) {
    if (Date.now() > deadlineMs) return false
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  return true
}

function isZombie(pid: number): boolean {
  try {
    return /^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
