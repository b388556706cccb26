import { describe, expect, it } from 'vitest'
import { parseChip } from '../../main/worker/chip.ts'
import { detectHardware } from '../../main/worker/hardware.ts'
import { macHardware } from '../../main/worker/mac-hardware.ts'

/** What `sysctl` prints for the names that we ask for. */
function sysctl(chip: string, performance: number, efficiency: number, memoryGB: number, system: string) {
  return [
    `machdep.cpu.brand_string: ${chip}`,
    `hw.physicalcpu: ${performance + efficiency}`,
    `hw.perflevel0.physicalcpu: ${performance}`,
    `hw.perflevel1.physicalcpu: ${efficiency}`,
    `hw.memsize: ${memoryGB * 2 ** 30}`,
    `kern.osproductversion: ${system}`,
    '',
  ].join('\n')
}

/** What `system_profiler SPDisplaysDataType -json` prints, with one screen. */
function displays(chip: string, cores: number, metal = 'spdisplays_metal3') {
  return JSON.stringify({
    SPDisplaysDataType: [
      {
        _name: chip,
        spdisplays_mtlgpufamilysupport: metal,
        spdisplays_ndrvs: [{ _name: 'Color LCD', _spdisplays_pixels: '3024 x 1964' }],
        spdisplays_vendor: 'sppci_vendor_Apple',
        sppci_bus: 'spdisplays_builtin',
        sppci_cores: String(cores),
        sppci_device_type: 'spdisplays_gpu',
        sppci_model: chip,
      },
    ],
  })
}

describe('the hardware of a Mac', () => {
  it.each([
    { chip: 'Apple M1', generation: 1, variant: 'base', cores: [4, 4], gpu: 8, memory: 16, system: '14.6.1' },
    {
      chip: 'Apple M2 Pro',
      generation: 2,
      variant: 'pro',
      cores: [8, 4],
      gpu: 19,
      memory: 32,
      system: '15.1',
    },
    {
      chip: 'Apple M3 Max',
      generation: 3,
      variant: 'max',
      cores: [12, 4],
      gpu: 40,
      memory: 128,
      system: '15.5',
    },
    { chip: 'Apple M4', generation: 4, variant: 'base', cores: [4, 6], gpu: 10, memory: 24, system: '15.5' },
    {
      chip: 'Apple M1 Ultra',
      generation: 1,
      variant: 'ultra',
      cores: [16, 4],
      gpu: 64,
      memory: 128,
      system: '14.2',
    },
  ])('is recognised: $chip', ({ chip, generation, variant, cores, gpu, memory, system }) => {
    const [performance = 0, efficiency = 0] = cores
    const said = macHardware(sysctl(chip, performance, efficiency, memory, system), displays(chip, gpu))
    expect(said).toEqual({
      chipModel: chip,
      chipGeneration: generation,
      variant,
      gpuCores: gpu,
      cpuCores: performance + efficiency,
      performanceCores: performance,
      efficiencyCores: efficiency,
      unifiedMemoryGB: memory,
      metalVersion: '3',
      osVersion: `macOS ${system}`,
    })
  })

  it('is told on a newer system too', () => {
    const said = macHardware(
      sysctl('Apple M5 Max', 6, 12, 64, '26.1'),
      displays('Apple M5 Max', 40, 'spdisplays_metal4'),
    )
    expect(said).toMatchObject({
      chipGeneration: 5,
      variant: 'max',
      metalVersion: '4',
      osVersion: 'macOS 26.1',
    })
  })

  it('is told in part where a virtual Mac says less', () => {
    const said = macHardware(
      'machdep.cpu.brand_string: Apple M1 (Virtual)\nhw.physicalcpu: 3\nhw.memsize: 7516192768\n',
      JSON.stringify({ SPDisplaysDataType: [{ _name: 'Display' }] }),
    )
    expect(said).toMatchObject({
      chipGeneration: 1,
      variant: 'base',
      gpuCores: 0,
      cpuCores: 3,
      performanceCores: 3,
      efficiencyCores: 0,
      unifiedMemoryGB: 7,
      metalVersion: null,
    })
  })

  it('is unknown rather than an error where nothing answers', () => {
    expect(macHardware('', '')).toMatchObject({ chipModel: 'unknown', chipGeneration: 0, gpuCores: 0 })
  })
})

describe('a chip that is not from Apple', () => {
  it.each(['AMD EPYC', 'Intel(R) Core(TM) i9-9980HK CPU @ 2.40GHz', 'Apple processor'])(
    'is other: %s',
    brand => {
      expect(parseChip(brand)).toEqual({ chipModel: brand, chipGeneration: 0, variant: 'other' })
    },
  )
})

describe('this machine', () => {
  it('has cores, memory and a system', async () => {
    const said = await detectHardware()
    expect(said.cpuCores).toBeGreaterThan(0)
    expect(said.unifiedMemoryGB).toBeGreaterThan(0.5)
    expect(said.osVersion).not.toBe('')
    expect(said.chipModel).not.toBe('unknown')
  })
})
