import type { RunningPeer } from './run-file.ts'

/** Draining and starting, with some to spare. */
const longestRestartMs = 90_000

/** True when the process of the run file lives and its endpoint answers: a process id alone may be somebody else's by now. */
export async function isPeerAlive({ pid, url, restartingAtMs }: RunningPeer): Promise<boolean> {
  try {
    process.kill(pid, 0)
    if (restartingAtMs !== undefined && Date.now() - restartingAtMs < longestRestartMs) return true
    await fetch(`${url}/health`, { signal: AbortSignal.timeout(2000) })
    return true
  } catch {
    return false
  }
}
