// What Linux says of its owner's needs: power and memory. Nothing tells whether somebody is there, on a screen or without.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { noSignals, type OwnerSignals } from './sharing-policy.ts'
import type { AskedSignals } from './sharing-signals.ts'

/** Share of the last ten seconds in which programs waited for memory, in percent. */
const warnFromPercent = 20
/** The same, with all of them waiting at once. */
const criticalFromPercent = 20

/** `root` is `/` but in tests. */
export function createLinuxReader(root: string): (asked: AskedSignals) => Promise<OwnerSignals> {
  return async asked => {
    const [power, memoryPressure] = await Promise.all([
      asked.power ? readPower(join(root, 'sys', 'class', 'power_supply')) : null,
      asked.memory ? readText(join(root, 'proc', 'pressure', 'memory')).then(parseMemoryStall) : null,
    ])
    return { ...noSignals, power, memoryPressure }
  }
}

/** `/proc/pressure/memory` */
export function parseMemoryStall(said: string): OwnerSignals['memoryPressure'] {
  const percent = (kind: string) => Number(new RegExp(`^${kind} avg10=([\\d.]+)`, 'm').exec(said)?.[1])
  if (Number.isNaN(percent('some'))) return null
  if (percent('full') >= criticalFromPercent) return 'critical'
  return percent('some') >= warnFromPercent ? 'warn' : 'normal'
}

/** The battery of a mouse is a power supply, too: its scope is `Device`. */
async function readPower(folder: string): Promise<OwnerSignals['power']> {
  const supplies = await readdir(folder).catch(() => [])
  for (const supply of supplies) {
    const [type, scope, status, capacity] = await Promise.all(
      ['type', 'scope', 'status', 'capacity'].map(name => readText(join(folder, supply, name))),
    )
    if (type !== 'Battery' || scope === 'Device') continue
    const chargePercent = capacity ? Number(capacity) : null
    return { onBattery: status === 'Discharging', chargePercent }
  }
  return null
}

function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').then(
    text => text.trim(),
    () => '',
  )
}
