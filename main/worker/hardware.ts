// What this machine is. Asked once at start.
import { readFile } from 'node:fs/promises'
import { cpus, release, totalmem } from 'node:os'
import si from 'systeminformation'
import type { Hardware } from '../protocol/workers.ts'
import { askSystem } from './ask-system.ts'
import { parseChip } from './chip.ts'
import { macHardware, sysctlNames } from './mac-hardware.ts'

/** Never rejects: what cannot be found out is 0 or null. */
export function detectHardware(): Promise<Hardware> {
  return process.platform === 'darwin' ? detectMac() : detectOther()
}

async function detectMac(): Promise<Hardware> {
  const [sysctl, displays] = await Promise.all([
    askSystem('/usr/sbin/sysctl', sysctlNames),
    askSystem('/usr/sbin/system_profiler', ['SPDisplaysDataType', '-json'], 15_000),
  ])
  return macHardware(sysctl, displays)
}

async function detectOther(): Promise<Hardware> {
  // Not `si.osInfo`: it asks name servers for our name, and stops all of this process until they answer.
  const [cpu, system] = await Promise.all([
    si.cpu().catch(() => null),
    readFile('/etc/os-release', 'utf8').catch(() => ''),
  ])
  const cpuCores = cpu?.physicalCores || cpus().length
  return {
    ...parseChip(cpu ? `${cpu.manufacturer} ${cpu.brand}` : (cpus()[0]?.model ?? '')),
    gpuCores: 0,
    cpuCores,
    performanceCores: cpu?.performanceCores || cpuCores,
    efficiencyCores: cpu?.efficiencyCores ?? 0,
    unifiedMemoryGB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
    metalVersion: null,
    osVersion: /^PRETTY_NAME="?(.+?)"?$/m.exec(system)?.[1] ?? release(),
  }
}
