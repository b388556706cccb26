// How long the others take to notice that a Mac is lost.
import { onlineFor } from '../machines/mesh.ts'
import type { Fault } from './faults.ts'
import type { Mac } from './mac.ts'

const pollMs = 50

/** Milliseconds until every other Mac that is up has it offline; null when the fault ended before. */
export async function timeToDetect(fault: Fault, macs: readonly Mac[]): Promise<number | null> {
  const beganAtMs = performance.now()
  while (performance.now() - beganAtMs < fault.lastsMs) {
    const others = macs.filter(mac => mac !== fault.mac && mac.isUp())
    const seen = await Promise.all(others.map(mac => onlineFor(mac.peer()).catch(() => null)))
    if (seen.every(online => !online?.includes(fault.mac.workerId))) return performance.now() - beganAtMs
    await new Promise(resolve => setTimeout(resolve, pollMs))
  }
  return null
}
