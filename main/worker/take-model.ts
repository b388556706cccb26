// Copies the files of a model from Macs that have it into a folder, and goes on where it was: with the next Mac when one
// falls silent, and behind the bytes that an earlier run of this peer has brought.
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bus } from '../fabric/bus.ts'
import type { Clock } from '../protocol/clock.ts'
import { asMeshError, MeshError } from '../protocol/errors.ts'
import { encodeJson } from '../protocol/json.ts'
import { type ModelOffer, type ModelReadRequest, openPart, partBytes } from '../protocol/model-files.ts'
import { subjects } from '../protocol/subjects.ts'
import { abortable } from './abortable.ts'
import { Givers } from './givers.ts'

export interface TakeOptions {
  readonly offer: ModelOffer
  /** Ids of the workers that have exactly this model. */
  readonly givers: readonly string[]
  /** It exists; its files are as an earlier attempt at the same offer left them. */
  readonly folder: string
  readonly bus: Bus
  readonly clock: Clock
  readonly signal: AbortSignal
  /** The bytes of all files that are there now; called with each part. */
  readonly onBytes: (bytes: number) => void
}

/** Parts that are asked for before the first of them has come. */
const windowParts = 4
const partTimeoutMs = 5000
/** When the power goes, so much of the end of a file may be lost without its length showing it. */
const syncEveryBytes = 16 << 20

/** Rejects with the reason of the signal, MODEL_LOAD_FAILED when nobody gives any more, and as the disk does. */
export async function takeModel(options: TakeOptions): Promise<void> {
  const givers = new Givers(options.givers, options.clock)
  let earlierFilesBytes = 0
  for (const { name, sizeBytes } of options.offer.files) {
    const file = await open(join(options.folder, name), constants.O_RDWR | constants.O_CREAT)
    try {
      await takeFile({ file, name, sizeBytes, earlierFilesBytes }, givers, options)
    } finally {
      await file.close()
    }
    earlierFilesBytes += sizeBytes
  }
}

interface Taken {
  readonly file: FileHandle
  readonly name: string
  readonly sizeBytes: number
  readonly earlierFilesBytes: number
}

/** Parts are written in their order, so that the length of the file says how far it is. */
async function takeFile(taken: Taken, givers: Givers, options: TakeOptions): Promise<void> {
  const { file, name, sizeBytes, earlierFilesBytes } = taken
  const lengthBytes = (await file.stat()).size
  let doneBytes = Math.max(0, Math.min(lengthBytes, sizeBytes) - syncEveryBytes)
  await file.truncate(doneBytes)
  let syncedBytes = doneBytes
  let askedBytes = doneBytes
  let window: Promise<Uint8Array | MeshError>[] = []
  options.onBytes(earlierFilesBytes + doneBytes)

  while (doneBytes < sizeBytes) {
    for (; askedBytes < sizeBytes && window.length < windowParts; askedBytes += partBytes) {
      const length = Math.min(partBytes, sizeBytes - askedBytes)
      window.push(readPart(givers.current, { file: name, offset: askedBytes, length }, options))
    }
    const part = await window.shift()
    options.signal.throwIfAborted()
    if (!(part instanceof Uint8Array)) {
      window = []
      askedBytes = doneBytes
      await givers.failed(asMeshError(part), options.signal)
      continue
    }
    givers.gave()
    await file.write(part, 0, part.length, doneBytes)
    doneBytes += part.length
    options.onBytes(earlierFilesBytes + doneBytes)
    if (doneBytes - syncedBytes < syncEveryBytes) continue
    await file.datasync()
    syncedBytes = doneBytes
  }
  await file.sync()
}

/** Never rejects: a later part may fail while an earlier one is waited for. */
async function readPart(
  giver: string,
  wanted: Pick<ModelReadRequest, 'file' | 'offset' | 'length'>,
  { offer: { modelId, fingerprint }, bus, signal }: TakeOptions,
): Promise<Uint8Array | MeshError> {
  const request: ModelReadRequest = { modelId, fingerprint, ...wanted }
  try {
    const answer = bus.request(subjects.modelRead(giver), encodeJson(request), partTimeoutMs)
    const part = openPart(await abortable(answer, signal))
    if (typeof part === 'string') return new MeshError('MODEL_LOAD_FAILED', part)
    if (part.length === wanted.length) return part
    return new MeshError('MODEL_LOAD_FAILED', `${giver} gave ${part.length} bytes, not ${wanted.length}.`)
  } catch (thrown) {
    return asMeshError(thrown)
  }
}
