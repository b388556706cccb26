import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { parts } from '../../main/config/parts.ts'
import { summarize } from '../load/samples.ts'
import { starterModelFolder } from '../programs/places.ts'

export interface Compiled {
  readonly name: string
  readonly firstMs: readonly number[]
  readonly againMs: readonly number[]
}

const output = z.record(z.string(), z.object({ firstMs: z.array(z.number()), againMs: z.array(z.number()) }))

/** Each schema `rounds` times as a new one, and as one that is known. */
export async function compileSchemas(rounds: number): Promise<Compiled[]> {
  const program = join(import.meta.dirname, 'compile.py')
  const { stdout } = await promisify(execFile)(parts.python, [program, starterModelFolder, String(rounds)], {
    env: { ...process.env, PYTHONPATH: parts.pythonPackages, HF_HUB_OFFLINE: '1' },
    timeout: 300_000,
  })
  return Object.entries(output.parse(JSON.parse(stdout))).map(([name, times]) => ({ name, ...times }))
}

export function p95(compiled: readonly Compiled[], which: 'firstMs' | 'againMs'): number {
  return summarize(compiled.flatMap(one => one[which]))?.p95 ?? Number.NaN
}
