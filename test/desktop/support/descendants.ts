import { execFileSync } from 'node:child_process'

/** Processes that this one started, and that they started. */
export function descendantsOf(pid: number): number[] {
  const rows = execFileSync('ps', ['-axo', 'pid=,ppid='], { encoding: 'utf8' })
    .split('\n')
    .map(row => row.trim().split(/\s+/).map(Number))
  const found: number[] = []
  const parents = [pid]
  for (let parent = parents.pop(); parent !== undefined; parent = parents.pop()) {
    for (const [child = 0, of] of rows) {
      if (of !== parent) continue
      found.push(child)
      parents.push(child)
    }
  }
  return found
}
