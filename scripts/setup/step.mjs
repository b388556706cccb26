// One step of set-up makes one folder. A stamp inside it, written last, says that it is complete and from which inputs.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/**
 * @typedef {object} Step
 * @property {string} name what the user reads
 * @property {string} folder the result
 * @property {() => (string | Buffer)[]} inputs everything that the result depends on
 * @property {string} proof a file in the folder without which the result is useless, whatever the stamp says
 * @property {boolean} [inPlace] the result holds its own path, so it cannot be made elsewhere and moved
 * @property {() => boolean} [found] asked in place of the stamp, where the result lies outside of our own folders
 * @property {(folder: string, report: (line: string) => void) => Promise<void>} make fills the (empty or absent) folder
 */

const stampName = '.set-up-stamp'

/** @param {Step} step */
export function isDone(step) {
  if (step.found) return step.found()
  return existsSync(join(step.folder, step.proof)) && readStamp(step) === stampOf(step)
}

/**
 * Until its end the step counts as not done, so whoever is killed in the middle leaves work, never damage.
 * @param {Step} step
 * @param {string} scratch a folder on the same disk, outside of everything that is read as a result
 * @param {(line: string) => void} report
 */
export async function makeStep(step, scratch, report) {
  if (step.found) return step.make(step.folder, report)
  const place = step.inPlace ? step.folder : join(scratch, basename(step.folder))
  rmSync(join(place, stampName), { force: true })
  await remove(place)
  if (!step.inPlace) mkdirSync(place, { recursive: true })
  await step.make(place, report)
  writeFileSync(join(place, stampName), stampOf(step))
  if (step.inPlace) return
  await remove(step.folder)
  mkdirSync(dirname(step.folder), { recursive: true })
  renameSync(place, step.folder)
}

/** @param {Step} step */
function stampOf(step) {
  const hash = createHash('sha256')
  for (const input of step.inputs()) hash.update(createHash('sha256').update(input).digest())
  return hash.digest('hex')
}

/** @param {Step} step */
function readStamp(step) {
  try {
    return readFileSync(join(step.folder, stampName), 'utf8')
  } catch {
    return undefined
  }
}

/** @param {string} folder */
function remove(folder) {
  return rm(folder, { recursive: true, force: true, maxRetries: 3 })
}
