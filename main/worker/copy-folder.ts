// Where copies of models lie: in `.partial`, which no catalog looks into, until they are whole, then among the models.
// A file `.copied`, or `.downloaded`, in each says what it is a copy of, and for good that the mesh has put it there.
import { access, lstat, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { writeFileAtomically } from '../config/write-file.ts'
import { inspectFolder, listFiles } from '../engine/model-folder.ts'
import { hubOffer, isHubOffer } from '../hub/hub-offer.ts'
import { MeshError } from '../protocol/errors.ts'
import { isSameOffer, modelOffer } from '../protocol/model-files.ts'
import type { Offer } from './model-source.ts'

const copiedMark = '.copied'
const downloadedMark = '.downloaded'

/** What an earlier attempt has left, to go on with. */
export interface Unfinished {
  readonly offer: Offer
  readonly bytes: number
}

export async function listUnfinished(models: string): Promise<Unfinished[]> {
  const names = await readdir(join(models, '.partial')).catch(() => [])
  const found = await Promise.all(names.map(name => readUnfinished(join(models, '.partial', name))))
  return found.filter(each => each !== null)
}

/** The folder to copy into: what lies in it was begun with the same offer. */
export async function openPartial(models: string, offer: Offer): Promise<string> {
  const folder = partialOf(models, offer.modelId)
  const known = await readUnfinished(folder)
  if (known && isSameOffer(known.offer, offer)) return folder
  await rm(folder, { recursive: true, force: true })
  const mark = isHubOffer(offer) ? downloadedMark : copiedMark
  writeFileAtomically(join(folder, mark), JSON.stringify(offer))
  return folder
}

/** How much of the offer lies here already. */
export async function bytesThere(models: string, offer: Offer): Promise<number> {
  const known = await readUnfinished(partialOf(models, offer.modelId))
  return known && isSameOffer(known.offer, offer) ? known.bytes : 0
}

/** Rejects with MODEL_LOAD_FAILED when something of that name is there which is no model. */
export async function refuseTakenPlace(models: string, modelId: string): Promise<void> {
  const place = join(models, modelId)
  const found = await lstat(place).catch(() => null)
  if (!found) return
  const message = `${modelId} cannot be copied: ${place} is there already and is no model. Move it away.`
  throw new MeshError('MODEL_LOAD_FAILED', message, { param: 'modelId' })
}

export async function removePartial(models: string, modelId: string): Promise<void> {
  await rm(partialOf(models, modelId), { recursive: true, force: true })
}

/** What came is not what was offered. */
export class WrongCopy extends MeshError {}

/** Moves a whole copy to its place. Rejects with WrongCopy. */
export async function moveIntoPlace(models: string, offer: Offer): Promise<void> {
  const { modelId } = offer
  const partial = partialOf(models, modelId)
  const copy = await inspectFolder(modelId, partial, await listFiles(partial))
  // Of what was downloaded, each file has been compared with its hash.
  if (typeof copy === 'string' || (!isHubOffer(offer) && copy.fingerprint !== offer.fingerprint)) {
    const why = typeof copy === 'string' ? copy : 'Its content is another one.'
    throw new WrongCopy('MODEL_LOAD_FAILED', `The copy of ${modelId} is not what was offered. ${why}`)
  }
  const place = join(models, modelId)
  await mkdir(dirname(place), { recursive: true })
  await rename(partial, place)
  await syncFolder(dirname(place))
}

/** Whether the model in this folder was copied from another Mac. */
export async function isCopy(folder: string): Promise<boolean> {
  return access(join(folder, copiedMark)).then(
    () => true,
    () => false,
  )
}

function partialOf(models: string, modelId: string): string {
  return join(models, '.partial', encodeURIComponent(modelId))
}

async function readUnfinished(folder: string): Promise<Unfinished | null> {
  try {
    const offer = await readMark(folder)
    const sizes = offer.files.map(async ({ name }) => {
      const found = await stat(join(folder, name)).catch(() => null)
      return found?.size ?? 0
    })
    return { offer, bytes: (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0) }
  } catch {
    return null
  }
}

async function readMark(folder: string): Promise<Offer> {
  const read = async (mark: string) => JSON.parse(await readFile(join(folder, mark), 'utf8'))
  const names = await readdir(folder)
  if (names.includes(downloadedMark)) return hubOffer.parse(await read(downloadedMark))
  return modelOffer.parse(await read(copiedMark))
}

/** The new name survives a loss of power. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path)
  await folder.sync().finally(() => folder.close())
}
