import { readdirSync, readFileSync } from 'node:fs'

/**
 * CPU time that the threads of a process have used, in microseconds; null where the kernel does not tell (only Linux
 * does) or the process is gone. From the scheduler's own nanosecond count, finer than the ticks of `/proc/PID/stat`.
 */
export function cpuTimeUs(pid: number): number | null {
  try {
    let nanoseconds = 0
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const [running] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')
      nanoseconds += Number(running)
    }
    return nanoseconds / 1e3
  } catch {
    return null
  }
}
