import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** Where a program of a benchmark runs: alone on its core, or with everything else on the other one. */
export type Place = 'under-test' | 'others' | 'anywhere'

const cores = { 'under-test': '0', others: '1' }

/** Why programs cannot be pinned here; null when they can. */
const pinningMissing: string | null =
  availableParallelism() < 2 ? 'fewer than two cores' : hasProgram('taskset') ? null : 'no taskset'

export const pinningNote =
  pinningMissing === null
    ? 'Pinned with taskset: the process under test alone on core 0; load generator, upstream, worker and nats-server on core 1.'
    : `Nothing is pinned (${pinningMissing}): absolute figures are not comparable.`

/** The command line that runs a program at its place. */
export function placed(place: Place, command: string, args: readonly string[]): [string, readonly string[]] {
  if (place === 'anywhere' || pinningMissing !== null) return [command, args]
  return ['taskset', ['-c', cores[place], command, ...args]]
}

export function hasProgram(name: string): boolean {
  try {
    execFileSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', name], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
