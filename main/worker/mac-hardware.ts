// Reads what `sysctl` and `system_profiler` say about a Mac. Pure, so that recorded outputs of other Macs test it.
import { z } from 'zod'
import type { Hardware } from '../protocol/workers.ts'
import { parseChip } from './chip.ts'

export const sysctlNames = [
  'machdep.cpu.brand_string',
  'hw.physicalcpu',
  'hw.perflevel0.physicalcpu',
  'hw.perflevel1.physicalcpu',
  'hw.memsize',
  'kern.osproductversion',
]

const displays = z.object({
  SPDisplaysDataType: z.array(
    z.object({
      sppci_model: z.string().optional(),
      sppci_cores: z.string().optional(),
      spdisplays_mtlgpufamilysupport: z.string().optional(),
    }),
  ),
})

/** `sysctl` prints "name: value" lines and leaves out what this Mac does not have (an Intel one, a virtual one). */
export function macHardware(sysctl: string, displaysJson: string): Hardware {
  const values = new Map([...sysctl.matchAll(/^(\S+): (.*)$/gm)].map(([, name, value]) => [name, value]))
  const value = (name: string) => values.get(name) ?? ''
  const number = (name: string) => Number(value(name)) || 0
  const gpu = gpuOf(displaysJson)
  const cpuCores = number('hw.physicalcpu')
  return {
    ...parseChip(value('machdep.cpu.brand_string')),
    gpuCores: Number(gpu?.sppci_cores) || 0,
    cpuCores,
    performanceCores: number('hw.perflevel0.physicalcpu') || cpuCores,
    efficiencyCores: number('hw.perflevel1.physicalcpu'),
    unifiedMemoryGB: number('hw.memsize') / 2 ** 30,
    metalVersion: /metal(\d+)$/.exec(gpu?.spdisplays_mtlgpufamilysupport ?? '')?.[1] ?? null,
    osVersion: `macOS ${value('kern.osproductversion')}`.trim(),
  }
}

function gpuOf(displaysJson: string): z.infer<typeof displays>['SPDisplaysDataType'][number] | null {
  try {
    const gpus = displays.parse(JSON.parse(displaysJson)).SPDisplaysDataType
    return gpus.find(gpu => gpu.sppci_model?.startsWith('Apple')) ?? gpus[0] ?? null
  } catch {
    return null
  }
}
