import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readTemperature, watchPower } from '../../main/worker/power.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { makeTempFolder } from '../support/temp-folder.ts'

test('the temperature is that of the hottest zone that makes sense, and unknown where none does', async () => {
  const root = makeTempFolder()
  expect(await readTemperature(root)).toBeNull()
  const zones = {
    thermal_zone0: '41500\n',
    thermal_zone1: '63000\n',
    thermal_zone2: '-274000\n',
    cooling_device0: '9',
  }
  for (const [zone, said] of Object.entries(zones)) {
    mkdirSync(join(root, 'sys', 'class', 'thermal', zone), { recursive: true })
    writeFileSync(join(root, 'sys', 'class', 'thermal', zone, 'temp'), said)
  }
  expect(await readTemperature(root)).toBe(63)
})

test('power is read at once, then every ten seconds, and never twice at the same time', async () => {
  const clock = new ManualClock()
  let looks = 0
  const answers: (() => void)[] = []
  const look = () => {
    looks++
    const batteryPercent = looks
    const power = { onBattery: true, batteryPercent, thermalState: null, temperatureCelsius: null }
    return new Promise<typeof power>(resolve => answers.push(() => resolve(power)))
  }
  const watch = watchPower(look, clock)
  expect(watch.read().batteryPercent).toBeNull()
  clock.advance(30_000)
  expect(looks).toBe(1)
  answers[0]?.()
  await expect.poll(() => watch.read().batteryPercent).toBe(1)
  clock.advance(9_999)
  expect(looks).toBe(1)
  clock.advance(1)
  expect(looks).toBe(2)
  watch.stop()
  answers[1]?.()
  clock.advance(60_000)
  expect(looks).toBe(2)
})
