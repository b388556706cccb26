// One Mac of the soak over its lives: the peer on it changes with each restart, its clients go on.
import type { Machine } from '../machines/machine.ts'
import { workerIdOf } from '../machines/mesh.ts'
import type { PlacedPeer } from '../machines/peer.ts'

export interface Mac {
  readonly number: number
  /** Null on loopback, where there is no cable to pull. */
  readonly machine: Machine | null
  readonly workerId: string
  /** The one that runs, or ran last. */
  peer(): PlacedPeer
  /** False while it is dead, restarting or frozen: its own clients can expect nothing. */
  isUp(): boolean
  /** How often it has been away so far: a client sees by this whether it was, in between. */
  absences(): number
  /** Away until `back` is done. */
  away(leave: () => Promise<unknown>, staysMs: number, back: () => Promise<unknown>): Promise<void>
  startAgain(): Promise<void>
}

export async function createMac(number: number, machine: Machine | null, first: PlacedPeer): Promise<Mac> {
  let peer = first
  let [up, absences] = [true, 0]
  return {
    number,
    machine,
    workerId: await workerIdOf(first),
    peer: () => peer,
    isUp: () => up,
    absences: () => absences,
    async away(leave, staysMs, back) {
      up = false
      absences++
      await leave()
      await new Promise(resolve => setTimeout(resolve, staysMs))
      await back()
      up = true
    },
    async startAgain() {
      peer = await peer.startAgain()
    },
  }
}
