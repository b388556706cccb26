// What the page in the app's window shows to be let in by the peer. One for each installed copy, drawn once; whoever can
// read the data folder may use it.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dataPaths } from './data-folder.ts'
import { writeFileAtomically } from './write-file.ts'

const shape = /^[A-Za-z0-9_-]{43}$/

/** Reads `app-token` of the data folder; draws a new one when there is none, or none that can be read. */
export function readAppToken(dataFolder: string): string {
  const { appTokenFile } = dataPaths(dataFolder)
  const kept = readKept(appTokenFile)
  if (shape.test(kept)) return kept
  const fresh = randomBytes(32).toString('base64url')
  writeFileAtomically(appTokenFile, `${fresh}\n`)
  return fresh
}

function readKept(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return ''
  }
}
