import { describe, expect, it } from 'vitest'
import { realClock } from '../../main/protocol/clock.ts'
import {
  cpuPercent,
  cpuTimes,
  parseAvailableBytes,
  parseGpuPercent,
  watchLoad,
} from '../../main/worker/load-figures.ts'

const core = (user: number, idle: number) => ({ times: { user, nice: 0, sys: 0, idle, irq: 0 } })

const vmStat = `Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                               19455.
Pages active:                            425314.
Pages inactive:                          425521.
Pages speculative:                          946.
Pages throttled:                              0.
Pages wired down:                        118425.
Pages purgeable:                          23960.
"Translation faults":                3191714332.
Pages occupied by compressor:            545078.
`

const ioreg = `+-o AGXAcceleratorG14X  <class AGXAcceleratorG14X, id 0x100000542, registered, matched, active>
    {
      "PerformanceStatistics" = {"In use system memory (driver)"=0,"Alloc system memory"=14462189568,"Tiler Utilization %"=17,"recoveryCount"=0,"Renderer Utilization %"=42,"Device Utilization %"=43}
    }
`

describe('the load of this machine', () => {
  it.each([
    {
      title: 'one of two cores is busy',
      before: [core(0, 0), core(0, 0)],
      now: [core(100, 0), core(0, 100)],
      is: 50,
    },
    { title: 'nothing happened between two looks', before: [core(5, 5)], now: [core(5, 5)], is: 0 },
    {
      title: 'a core has gone to sleep and its counters with it',
      before: [core(50, 50)],
      now: [core(10, 95)],
      is: 0,
    },
  ])('is $is % when $title', ({ before, now, is }) => {
    expect(cpuPercent(cpuTimes(before), cpuTimes(now))).toBe(is)
  })

  it('is read each second without blocking', async () => {
    const load = watchLoad(realClock)
    const { memoryUsedGB, availableMemoryGB } = load.read()
    expect(memoryUsedGB).toBeGreaterThan(0)
    expect(availableMemoryGB).toBeGreaterThan(0)
    const until = performance.now() + 900
    while (performance.now() < until) Math.random()
    await expect.poll(() => load.read().cpuUsagePercent, { timeout: 5000 }).toBeGreaterThan(0)
    load.stop()
  })
})

describe('the load of a Mac', () => {
  it('counts file caches as available memory', () => {
    expect(parseAvailableBytes(vmStat)).toBe((19455 + 425521 + 946) * 16384)
  })

  it('has no figure where vm_stat says nothing', () => {
    expect(parseAvailableBytes('')).toBe(null)
  })

  it('includes its GPU, without asking for an administrator', () => {
    expect(parseGpuPercent(ioreg)).toBe(43)
    expect(parseGpuPercent('')).toBe(0)
  })
})
