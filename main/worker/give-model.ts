// Gives the models on this disk to other Macs of the mesh that copy them: what there is of one, and bytes of its files.
// Nothing is given but plain files that lie in the folder of a model that the catalog knows.
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Catalog } from '../engine/catalog.ts'
import type { ModelFiles } from '../engine/engine.ts'
import { listFiles } from '../engine/model-folder.ts'
import type { Bus, BusMessage } from '../fabric/bus.ts'
import { parsed } from '../fabric/parsed.ts'
import type { Clock } from '../protocol/clock.ts'
import { asMeshError, MeshError } from '../protocol/errors.ts'
import { encodeJson } from '../protocol/json.ts'
import {
  type ModelFilesAnswer,
  type ModelOffer,
  type ModelReadRequest,
  modelFilesRequest,
  modelReadRequest,
} from '../protocol/model-files.ts'
import { makePart, makeRefusal } from '../protocol/parts.ts'
import { subjects } from '../protocol/subjects.ts'
import type { Log } from '../telemetry/log.ts'
import { limitAtOnce } from './limit-at-once.ts'

export interface GiveOptions {
  readonly workerId: string
  readonly catalog: Catalog
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
}

/** The disk is the models' too, and Node has four threads for all files. */
const mostReads = 2
/** A Mac that copies asks for four parts at a time. */
const mostWaiting = 256
/** A file that nobody has read from between two looks is closed. */
const lookMs = 10_000

interface OpenFile {
  readonly handle: Promise<FileHandle>
  wasRead: boolean
}

/** Returns what ends it. */
export function giveModels({ workerId, catalog, bus, clock, log }: GiveOptions): () => void {
  const reads = limitAtOnce(mostReads, mostWaiting)
  const files = new Map<string, OpenFile>()

  const stop = [
    bus.subscribe(
      subjects.modelFiles(workerId),
      parsed(modelFilesRequest, log, ({ modelId }, message) => {
        respond(message, offer(modelId).then(asAnswer, asRefusal).then(encodeJson))
      }),
    ),
    bus.subscribe(
      subjects.modelRead(workerId),
      parsed(modelReadRequest, log, (request, message) => {
        const part = reads.run(() => readPart(request))
        respond(
          message,
          part.catch(thrown => makeRefusal(asMeshError(thrown).message)),
        )
      }),
    ),
    clock.every(lookMs, closeUnread),
  ]

  return () => {
    for (const end of stop) end()
    for (const name of files.keys()) close(name)
  }

  function respond(message: BusMessage, answer: Promise<Uint8Array>): void {
    answer
      .then(data => message.respond(data))
      .catch(error => log.debug('a part of a model could not be sent', { error }))
  }

  async function offer(modelId: string): Promise<ModelOffer> {
    const { folder, fingerprint, sizeBytes, contextTokens } = modelOf(modelId)
    const found = await listFiles(folder)
    if (found.length === 0) throw new MeshError('MODEL_NOT_FOUND', `${modelId} has no files to copy.`)
    return {
      modelId,
      fingerprint,
      sizeBytes,
      contextTokens,
      files: found
        .map(({ name, sizeBytes: fileBytes }) => ({ name, sizeBytes: fileBytes }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    }
  }

  async function readPart({ modelId, fingerprint, file, offset, length }: ModelReadRequest) {
    const model = modelOf(modelId)
    if (model.fingerprint !== fingerprint)
      throw new MeshError('MODEL_NOT_FOUND', `${modelId} has been replaced by another on this Mac.`)
    const handle = await openFile(model, file)
    const part = makePart(length)
    const { bytesRead } = await handle.read(part, 1, length, offset)
    if (bytesRead === length) return part
    throw new MeshError('MODEL_NOT_FOUND', `${file} of ${modelId} ends at ${offset + bytesRead} bytes here.`)
  }

  function modelOf(modelId: string): ModelFiles {
    const model = catalog.models.get(modelId)
    if (model) return model
    throw new MeshError('MODEL_NOT_FOUND', `There is no model ${modelId} on this Mac.`)
  }

  function openFile({ modelId, folder, fingerprint }: ModelFiles, name: string): Promise<FileHandle> {
    const key = `${modelId}/${fingerprint}/${name}`
    const known = files.get(key)
    if (known) {
      known.wasRead = true
      return known.handle
    }
    const handle = openListed(folder, name)
    files.set(key, { handle, wasRead: true })
    handle.catch(() => files.delete(key))
    return handle
  }

  async function openListed(folder: string, name: string): Promise<FileHandle> {
    const listed = await listFiles(folder)
    if (listed.some(file => file.name === name)) return open(join(folder, name))
    throw new MeshError('MODEL_NOT_FOUND', `There is no file ${name} in this model.`)
  }

  function closeUnread(): void {
    for (const [key, file] of files) {
      if (!file.wasRead) close(key)
      file.wasRead = false
    }
  }

  function close(key: string): void {
    void files.get(key)?.handle.then(
      handle => handle.close(),
      () => {},
    )
    files.delete(key)
  }
}

function asAnswer(offer: ModelOffer): ModelFilesAnswer {
  return { ok: true, offer }
}

function asRefusal(thrown: unknown): ModelFilesAnswer {
  return { ok: false, error: asMeshError(thrown).message }
}
