import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { clusterSchema } from '../../main/config/schema.ts'
import { createLinuxReader, parseMemoryStall } from '../../main/worker/linux-signals.ts'
import {
  createMacReader,
  parseGpuTimes,
  parseIdleMs,
  parseMemoryPressure,
  parsePower,
  parseThermal,
} from '../../main/worker/mac-signals.ts'
import { noSignals } from '../../main/worker/sharing-policy.ts'
import { askedBy, createSignalReader } from '../../main/worker/sharing-signals.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { makeTempFolder } from '../support/temp-folder.ts'

const settings = clusterSchema.shape.sharing.parse({})
const everything = { power: true, thermal: true, memory: true, owner: true }

const batteryPower = `Now drawing from 'Battery Power'
 -InternalBattery-0 (id=22085731)\t87%; discharging; 5:12 remaining present: true
`
const wallPower = `Now drawing from 'AC Power'
 -InternalBattery-0 (id=22085731)\t100%; charged; 0:00 remaining present: true
`
const desktopPower = `Now drawing from 'AC Power'
`
const upsPower = `Now drawing from 'UPS Power'
 -Back-UPS ES 700G FW:871.O4 .I USB FW:O4  (id=3997696)\t96%; discharging; 0:31 remaining present: true
`

function inputDevices(idleNs: number): string {
  return `+-o IOHIDSystem  <class IOHIDSystem, id 0x100000513, registered, matched, active, busy 0 (1 ms), retain 30>
    {
      "HIDIdleTime" = ${idleNs}
      "IOClass" = "IOHIDSystem"
      "HIDParameters" = {"HIDClickTime"=500000000,"HIDScrollZoomModifierMask"=0}
    }
`
}

/** \`AppUsage\` stands in front of its creator, once for each interface to the GPU. */
function gpuClient(pid: number, name: string, ...gpuNs: number[]): string {
  const usage = gpuNs.map(
    ns => `{"API"="Metal","lastSubmittedTime"=3062414094833,"accumulatedGPUTime"=${ns}}`,
  )
  return `+-o AGXDeviceUserClient  <class AGXDeviceUserClient, id 0x100002dbd, !registered, !matched, active, busy 0, retain 5>
    {
      "AppUsage" = (${usage.join(',')})
      "IOUserClientCreator" = "pid ${pid}, ${name}"
      "CommandQueueCount" = 1
    }
    
`
}

describe('the power of a Mac', () => {
  test.each([
    ['is its battery', batteryPower, { onBattery: true, chargePercent: 87 }],
    ['comes from the wall', wallPower, { onBattery: false, chargePercent: 100 }],
    [
      'comes from the wall where there is no battery',
      desktopPower,
      { onBattery: false, chargePercent: null },
    ],
    [
      'is that of an uninterruptible supply after a power cut',
      upsPower,
      { onBattery: true, chargePercent: 96 },
    ],
    ['is not known when the command fails', '', null],
  ])('%s', (_, said, power) => expect(parsePower(said)).toEqual(power))
})

test.each([
  ['com.apple.system.thermalpressurelevel 0\n', 'nominal'],
  ['com.apple.system.thermalpressurelevel 1\n', 'fair'],
  ['com.apple.system.thermalpressurelevel 2\n', 'serious'],
  ['com.apple.system.thermalpressurelevel 3\n', 'critical'],
  ['com.apple.system.thermalpressurelevel 4\n', 'critical'],
  ['', null],
])('how hot a Mac is: %j is %s', (said, level) => expect(parseThermal(said)).toBe(level))

test.each([
  ['1\n', 'normal'],
  ['2\n', 'warn'],
  ['4\n', 'critical'],
  ["sysctl: unknown oid 'kern.memorystatus_vm_pressure_level'\n", null],
  ['', null],
])('how short of memory a Mac is: %j is %s', (said, level) => expect(parseMemoryPressure(said)).toBe(level))

test('since when nobody touched a Mac is told in nanoseconds', () => {
  expect(parseIdleMs(inputDevices(61_234_567_890))).toBeCloseTo(61_234.568)
  expect(parseIdleMs('')).toBe(null)
})

test('the GPU time of a program is the sum over its connections', () => {
  const said =
    gpuClient(444, 'runningboardd') +
    gpuClient(440, 'WindowServer', 100, 20) +
    gpuClient(440, 'WindowServer', 3)
  expect([...parseGpuTimes(said)]).toEqual([
    [444, 0],
    [440, 123],
  ])
  expect(parseGpuTimes('').size).toBe(0)
})

describe('a Mac', () => {
  function openMac(outputs: Record<string, string>) {
    const said = new Map(Object.entries(outputs))
    const clock = new ManualClock()
    const asked: string[] = []
    const read = createMacReader(async (command, args) => {
      const line = [command, ...args].join(' ')
      asked.push(line)
      return [...said].find(([part]) => line.includes(part))?.[1] ?? ''
    }, clock)
    return { read, asked, clock, said }
  }

  test('says how it is, and what others take of its GPU from the second look on', async () => {
    const mac = openMac({
      pmset: batteryPower,
      notifyutil: 'com.apple.system.thermalpressurelevel 2\n',
      sysctl: '2\n',
      IOHIDSystem: inputDevices(1_000_000_000),
      AGX: gpuClient(440, 'WindowServer', 9e9) + gpuClient(77, 'python3.12', 9e9),
      pgrep: '77\n78\n',
    })
    const first = {
      power: { onBattery: true, chargePercent: 87 },
      thermal: 'serious',
      memoryPressure: 'warn',
      idleMs: 1000,
      othersGpuPercent: null,
    }
    expect(await mac.read(everything)).toEqual(first)
    mac.clock.advance(5000)
    // Of the five seconds WindowServer took one, a game that has come two, and our own model all that was left.
    mac.said.set(
      'AGX',
      gpuClient(440, 'WindowServer', 10e9) + gpuClient(77, 'python3.12', 11e9) + gpuClient(99, 'Game', 2e9),
    )
    expect(await mac.read(everything)).toEqual({ ...first, othersGpuPercent: 60 })
  })

  test('does not say who keeps the GPU busy where macOS does not', async () => {
    const mac = openMac({ IOHIDSystem: inputDevices(1e9) })
    await mac.read(everything)
    mac.clock.advance(5000)
    expect((await mac.read(everything)).othersGpuPercent).toBe(null)
  })

  test('is not asked about its GPU while nobody is there', async () => {
    const mac = openMac({ IOHIDSystem: inputDevices(200e9), AGX: gpuClient(440, 'WindowServer', 9e9) })
    expect(await mac.read(everything)).toMatchObject({ idleMs: 200_000, othersGpuPercent: null })
    expect(mac.asked.join('\n')).not.toContain('AGX')
  })

  test('knows nothing, and pauses for nothing, when its commands fail', async () => {
    expect(await openMac({}).read(everything)).toEqual(noSignals)
  })

  test('is asked only for what a policy wants to know', async () => {
    const mac = openMac({ pmset: batteryPower })
    const indifferent = {
      ...settings,
      on_battery: 'share',
      thermal: 'ignore',
      memory_pressure: 'ignore',
      while_owner_active: 'share',
    } as const
    await mac.read(askedBy(indifferent))
    expect(mac.asked).toEqual([])
    await mac.read(askedBy({ ...indifferent, on_battery: 'pause' }))
    expect(mac.asked).toEqual(['/usr/bin/pmset -g batt'])
  })
})

describe('a Linux machine', () => {
  const mouse = { type: 'Battery', scope: 'Device', status: 'Discharging', capacity: '9' }
  const wall = { type: 'Mains', online: '1' }

  test.each([
    ['runs on its battery', { AC: { ...wall, online: '0' }, BAT0: battery('Discharging') }, true],
    ['is charging', { AC: wall, BAT0: battery('Charging') }, false],
    ['has a battery that is full', { BAT0: battery('Full') }, false],
    ['is not on battery because its mouse is', { AC: wall, hid: mouse, BAT0: battery('Charging') }, false],
  ])('%s', async (_, supplies, onBattery) => {
    const read = createLinuxReader(machine(supplies))
    expect(await read(everything)).toEqual({ ...noSignals, power: { onBattery, chargePercent: 55 } })
  })

  test('without a battery does not know of one', async () => {
    expect((await createLinuxReader(machine({ AC: wall, hid: mouse }))(everything)).power).toBe(null)
    expect(await createLinuxReader('/nowhere')(everything)).toEqual(noSignals)
  })

  test.each([
    [0, 0, 'normal'],
    [19.99, 5, 'normal'],
    [20, 5, 'warn'],
    [60, 20, 'critical'],
  ])('with %f %% of the time waiting for memory, %f %% completely, is %s', async (some, full, level) => {
    const said = `some avg10=${some} avg60=0.00 avg300=0.00 total=0\nfull avg10=${full} avg60=0.00 avg300=0.00 total=0\n`
    expect(parseMemoryStall(said)).toBe(level)
    const root = machine({})
    write(join(root, 'proc', 'pressure', 'memory'), said)
    expect((await createLinuxReader(root)(everything)).memoryPressure).toBe(level)
  })

  function battery(status: string) {
    return { type: 'Battery', scope: 'System', status, capacity: '55' }
  }

  function machine(supplies: Record<string, Record<string, string>>): string {
    const root = makeTempFolder()
    for (const [supply, files] of Object.entries(supplies)) {
      for (const [name, text] of Object.entries(files)) {
        write(join(root, 'sys', 'class', 'power_supply', supply, name), `${text}\n`)
      }
    }
    return root
  }

  function write(file: string, text: string): void {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
})

test('this machine answers without an error', async () => {
  const signals = await createSignalReader(settings, new ManualClock())()
  expect(Object.keys(signals).sort()).toEqual(Object.keys(noSignals).sort())
})
