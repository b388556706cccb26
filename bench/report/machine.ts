import { execFileSync } from 'node:child_process'
import { cpus, release, totalmem, type } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parts } from '../../main/config/parts.ts'

/** What one needs to know of a machine to read its figures, and nothing that tells whose it is. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGB: number
  readonly kernel: string
  readonly node: string
  readonly mlx: string | null
  readonly mlxLm: string | null
}

const mostBusyShare = 0.1

export function describeMachine(): Machine {
  const [mlx = null, mlxLm = null] = pythonVersions(['mlx', 'mlx-lm'])
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGB: Math.round(totalmem() / 2 ** 30),
    kernel: `${type()} ${/^\d+\.\d+/.exec(release())?.[0] ?? ''}`.trim(),
    node: process.version,
    mlx,
    mlxLm,
  }
}

/** A warning for the report when others use the cores; to be asked before the benchmark begins. Takes a second. */
export async function describeBusyMachine(): Promise<string[]> {
  const before = cpuTimes()
  await sleep(1_000)
  const after = cpuTimes()
  const busyShare = (after.busy - before.busy) / (after.all - before.all)
  if (busyShare < mostBusyShare) return []
  const percent = Math.round(busyShare * 100)
  return [`**Others used ${percent} % of the cores when this began: the figures are worth little.**`]
}

function cpuTimes(): { readonly busy: number; readonly all: number } {
  const times = cpus().map(({ times: { user, nice, sys, irq, idle } }) => ({
    busy: user + nice + sys + irq,
    idle,
  }))
  const busy = times.reduce((sum, core) => sum + core.busy, 0)
  return { busy, all: times.reduce((sum, core) => sum + core.idle, busy) }
}

function pythonVersions(packages: readonly string[]): (string | null)[] {
  const script =
    'import sys; from importlib.metadata import version; [print(version(p)) for p in sys.argv[1:]]'
  try {
    return execFileSync(parts.python, ['-c', script, ...packages], { encoding: 'utf8' }).split('\n')
  } catch {
    return []
  }
}
