// Who this installed copy is. The id is drawn once and kept, so that a restarted Mac is the same worker to the others.
import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { dataPaths } from './data-folder.ts'
import { writeFileAtomically } from './write-file.ts'

const identity = z.object({
  workerId: z.string().regex(/^[a-z0-9]{10}$/),
  /** What its owner calls it; without one it has the name that the system gives it. */
  name: z.string().min(1).max(64).optional(),
})
export type Identity = z.infer<typeof identity>

/** Reads `identity.json` of the data folder; draws a new identity when there is none, or none that can be read. */
export function readIdentity(dataFolder: string): Identity {
  const { identityFile } = dataPaths(dataFolder)
  const kept = readKept(identityFile)
  if (kept) return kept
  const fresh: Identity = { workerId: drawId() }
  writeFileAtomically(identityFile, `${JSON.stringify(fresh)}\n`)
  return fresh
}

/** Keeps what the owner of this Mac calls it. */
export function keepName(dataFolder: string, name: string): void {
  const kept: Identity = { ...readIdentity(dataFolder), name }
  writeFileAtomically(dataPaths(dataFolder).identityFile, `${JSON.stringify(kept)}\n`)
}

function readKept(file: string): Identity | null {
  try {
    return identity.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return null
  }
}

function drawId(): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'
  let id = ''
  while (id.length < 10) id += alphabet.charAt(randomInt(alphabet.length))
  return id
}
