import type { RunningPeer } from './run-file.ts'

/** True when the process of the run file lives and its endpoint answers: a process id alone may be somebody else's by now. */
export async function isPeerAlive({ pid, url }: RunningPeer): Promise<boolean> {
  try {
    process.kill(pid, 0)
    await fetch(`${url}/health`, { signal: AbortSignal.timeout(2000) })
    return true
  } catch {
    return false
  }
}
