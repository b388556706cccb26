import { execFileSync } from 'node:child_process'
import { cpus, loadavg, release, totalmem, type } from 'node:os'
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

const busyLoad = 0.7

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

/** A warning for the report when something else is running; to be asked before the benchmark begins. */
export function describeBusyMachine(): string[] {
  const load = loadavg()[0] ?? 0
  if (load < busyLoad) return []
  return [
    `**The machine was busy when this began (load average ${load.toFixed(1)}): the figures are worth little.**`,
  ]
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
