import { readdirSync, readFileSync } from 'node:fs'

/**
 * Memory of a process and of everything that it started, in bytes: the sum of PSS, which counts a page that several
 * processes share once. NaN where the kernel does not tell (only Linux does).
 */
export function familyMemoryBytes(pid: number): number {
  try {
    return familyOf(pid).reduce((sum, member) => sum + pssBytes(member), 0)
  } catch {
    return Number.NaN
  }
}

function familyOf(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap(thread =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  )
  return [pid, ...children.flatMap(familyOf)]
}

function pssBytes(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]
  return Number(kilobytes) * 1024
}
