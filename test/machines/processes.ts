// What runs below a process, on any machine that has `ps`.
import { execFileSync } from 'node:child_process'

export interface RunningProcess {
  readonly pid: number
  readonly command: string
}

/** Those that the process started, and that they started. */
export function descendantsOf(pid: number): RunningProcess[] {
  const rows = execFileSync('ps', ['-axo', 'pid=,ppid=,command='], { encoding: 'utf8' })
    .split('\n')
    .flatMap(row => {
      const [, child = '', parent = '', command = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row) ?? []
      return child === '' ? [] : [{ pid: Number(child), parent: Number(parent), command }]
    })
  const below = (above: number): RunningProcess[] =>
    rows
      .filter(({ parent }) => parent === above)
      .flatMap(({ pid: child, command }) => [{ pid: child, command }, ...below(child)])
  return below(pid)
}

/** A process that has ended by itself is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It is gone.
  }
}
