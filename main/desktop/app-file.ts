// `app.json` of the data folder: what the app's shell keeps for itself.
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { writeFileAtomically } from '../config/write-file.ts'

const bounds = z.object({ x: z.int(), y: z.int(), width: z.int().min(1), height: z.int().min(1) })
export type Bounds = z.infer<typeof bounds>

const kept = z.object({
  /** Whether the welcome has been gone through once. */
  welcomed: z.boolean().catch(false),
  /** Where the window was last; null: it has never been open. */
  bounds: bounds.nullable().catch(null),
})
type Kept = z.infer<typeof kept>

export interface AppFile {
  readonly kept: Kept
  keep(change: Partial<Kept>): void
}

/** A file that is missing or damaged is as one that was never written: nothing in it is worth an error. */
export function openAppFile(file: string): AppFile {
  let now = read(file)
  return {
    get kept() {
      return now
    },
    keep(change) {
      now = { ...now, ...change }
      writeFileAtomically(file, `${JSON.stringify(now)}\n`)
    },
  }
}

function read(file: string): Kept {
  try {
    return kept.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return { welcomed: false, bounds: null }
  }
}
