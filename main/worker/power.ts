// Power and heat as the dashboard shows them: what `sharing-signals.ts` reads for policies, whatever the policies ask, at
// a slower pace, because each look on a Mac starts two small programs.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../protocol/clock.ts'
import type { WorkerPower } from '../protocol/workers.ts'
import { readSignals } from './sharing-signals.ts'

export interface PowerWatch {
  /** As of at most ten seconds ago. */
  read(): WorkerPower
  stop(): void
}

const periodMs = 10_000
const unknown: WorkerPower = {
  onBattery: null,
  batteryPercent: null,
  thermalState: null,
  temperatureCelsius: null,
}

/** `look` never rejects. */
export function watchPower(look: () => Promise<WorkerPower>, clock: Clock): PowerWatch {
  let power = unknown
  let isLooking = false
  const stop = clock.every(periodMs, () => void lookAgain())
  void lookAgain()
  return { read: () => power, stop }

  async function lookAgain(): Promise<void> {
    if (isLooking) return
    isLooking = true
    power = await look()
    isLooking = false
  }
}

export function createPowerReader(clock: Clock): () => Promise<WorkerPower> {
  const read = readSignals(clock)
  return async () => {
    const [{ power, thermal }, temperatureCelsius] = await Promise.all([
      read({ power: true, thermal: true, memory: false, owner: false }),
      // macOS tells temperatures to administrators only.
      process.platform === 'linux' ? readTemperature('/') : null,
    ])
    return {
      onBattery: power?.onBattery ?? null,
      batteryPercent: power?.chargePercent ?? null,
      thermalState: thermal,
      temperatureCelsius,
    }
  }
}

/** The hottest of Linux's thermal zones that says something a machine can survive; `root` is `/` but in tests. */
export async function readTemperature(root: string): Promise<number | null> {
  const folder = join(root, 'sys', 'class', 'thermal')
  const zones = await readdir(folder).catch(() => [])
  const said = await Promise.all(
    zones
      .filter(name => name.startsWith('thermal_zone'))
      .map(name => readFile(join(folder, name, 'temp'), 'utf8').catch(() => '')),
  )
  const celsius = said.map(text => Number.parseInt(text, 10) / 1000).filter(each => each > 0 && each < 130)
  return celsius.length === 0 ? null : Math.max(...celsius)
}
