// Copies the files of a model from Macs that have it into a folder, and goes on where it was: with the next Mac when one
// falls silent, and behind the bytes that an earlier run of this peer has brought.
import { constants } from 'node:fs'
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Bus } from '../fabric/bus.ts'
import type { Clock } from '../protocol/clock.ts'
import { encodeJson } from '../protocol/json.ts'
import type { ModelOffer, ModelReadRequest } from '../protocol/model-files.ts'
import { subjects } from '../protocol/subjects.ts'
import { Givers } from './givers.ts'
import { takeParts } from './take-parts.ts'

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

/** When the power goes, so much of the end of a file may be lost without its length showing it. */
const syncEveryBytes = 16 << 20

/** Rejects with the reason of the signal, MODEL_LOAD_FAILED when nobody gives any more, and as the disk does. */
export async function takeModel(options: TakeOptions): Promise<void> {
  const givers = new Givers(options.givers, options.clock)
  let earlierFilesBytes = 0
  for (const { name, sizeBytes } of options.offer.files) {
    const path = join(options.folder, name)
    await mkdir(dirname(path), { recursive: true })
    const file = await open(path, constants.O_RDWR | constants.O_CREAT)
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
  options.onBytes(earlierFilesBytes + doneBytes)

  const { offer, bus, signal } = options
  const { modelId, fingerprint } = offer
  const parts = takeParts({
    bus,
    fromBytes: doneBytes,
    sizeBytes,
    ask: (offset, length) => {
      const request: ModelReadRequest = { modelId, fingerprint, file: name, offset, length }
      return { subject: subjects.modelRead(givers.current), data: encodeJson(request) }
    },
    failed: reason => givers.failed(reason, signal),
    signal,
  })
  for await (const part of parts) {
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
