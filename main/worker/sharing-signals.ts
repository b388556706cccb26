// Where the signals of the owner's needs come from on this system; asks for nothing that no policy wants to know.
import type { Clock } from '../protocol/clock.ts'
import { askSystem } from './ask-system.ts'
import { createLinuxReader } from './linux-signals.ts'
import { createMacReader } from './mac-signals.ts'
import type { OwnerSignals, SharingSettings } from './sharing-policy.ts'

export interface AskedSignals {
  readonly power: boolean
  readonly thermal: boolean
  readonly memory: boolean
  /** Whether somebody is at the Mac, and what else keeps its GPU busy. */
  readonly owner: boolean
}

const answerWithinMs = 3000

export function createSignalReader(settings: SharingSettings, clock: Clock): () => Promise<OwnerSignals> {
  const read = readSignals(clock)
  return () => read(askedBy(settings))
}

/** Null for what was not asked, and for what this system does not say. */
export function readSignals(clock: Clock): (asked: AskedSignals) => Promise<OwnerSignals> {
  if (process.platform !== 'darwin') return createLinuxReader('/')
  return createMacReader((command, args) => askSystem(command, args, answerWithinMs), clock)
}

export function askedBy(settings: SharingSettings): AskedSignals {
  return {
    power: settings.on_battery === 'pause',
    thermal: settings.thermal !== 'ignore',
    memory: settings.memory_pressure !== 'ignore',
    owner: settings.while_owner_active === 'pause',
  }
}
