// The models of this Mac and those on their way to it: what is asked for and not on this disk is copied from another Mac.
import { mkdir } from 'node:fs/promises'
import type { Catalog } from '../engine/catalog.ts'
import type { Models } from '../engine/models.ts'
import type { Bus } from '../fabric/bus.ts'
import type { Clock } from '../protocol/clock.ts'
import { asMeshError, MeshError } from '../protocol/errors.ts'
import type { ModelOffer } from '../protocol/model-files.ts'
import type { ModelStatus } from '../protocol/models.ts'
import type { Log } from '../telemetry/log.ts'
import { askHolders } from './ask-holders.ts'
import {
  bytesThere,
  isCopy,
  listUnfinished,
  moveIntoPlace,
  openPartial,
  refuseTakenPlace,
  removePartial,
  WrongCopy,
} from './copy-folder.ts'
import { checkRoom } from './copy-room.ts'
import { takeModel } from './take-model.ts'

export interface CopiedModels extends Pick<Models, 'onChange' | 'unload' | 'list'> {
  /**
   * Loads a model that is on this disk. Another one is copied first, from one of the workers `from`: the answer comes when
   * that has begun. Rejects with MeshError, as `Models` does, and with NO_WORKER when nobody gives it.
   */
  load(modelId: string, from: readonly string[]): Promise<ModelStatus>
  /** Ends what is under way; what has been copied is kept, to go on with. */
  close(): Promise<void>
}

export interface CopySettings {
  /** Where copies go; one of the catalog's. */
  readonly folder: string
  /** What all copies may take; null: none comes, and none is given. */
  readonly maxBytes: number | null
  /** What stays free on the disk. */
  readonly spareBytes: number
}

export interface CopiedModelsOptions extends CopySettings {
  readonly models: Models
  readonly catalog: Catalog
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
}

interface Copy {
  readonly offer: ModelOffer
  readonly abort: AbortController
  status: ModelStatus
  /** Settled when nothing is being copied any more. */
  ended: Promise<void>
}

export async function openCopiedModels(options: CopiedModelsOptions): Promise<CopiedModels> {
  const { models, catalog, folder, maxBytes, spareBytes, bus, clock, log } = options
  const copies = new Map<string, Copy>()
  const beginning = new Map<string, Promise<ModelStatus>>()
  const listeners = new Set<(status: ModelStatus) => void>()
  let closed: MeshError | null = null

  for (const { offer, bytes } of await listUnfinished(folder)) {
    if (isOnDisk(offer.modelId)) continue
    const reason = 'Its copy was cut off; load it to go on.'
    remember(offer, { ...statusOf(offer), state: 'absent', reason, copied: progress(offer, bytes) })
  }

  return {
    list: () => {
      const others = [...copies.values()].map(copy => copy.status)
      return [...models.list(), ...others.filter(({ modelId }) => !isOnDisk(modelId))]
    },
    onChange: run => {
      listeners.add(run)
      const stop = models.onChange(run)
      return () => {
        stop()
        listeners.delete(run)
      }
    },
    load,
    unload,
    close: async () => {
      closed = new MeshError('SHUTTING_DOWN', 'This Mac is shutting down.')
      for (const copy of copies.values()) copy.abort.abort(closed)
      await Promise.allSettled(beginning.values())
      await Promise.all([...copies.values()].map(copy => copy.ended))
    },
  }

  async function load(modelId: string, from: readonly string[]): Promise<ModelStatus> {
    if (closed) throw closed
    const copy = copies.get(modelId)
    if (copy?.status.state === 'downloading' && !copy.abort.signal.aborted) return copy.status
    try {
      return models.load(modelId)
    } catch (thrown) {
      const error = asMeshError(thrown)
      if (error.code !== 'MODEL_NOT_FOUND' || from.length === 0) throw error
      if (maxBytes === null) throw notAllowed(modelId)
    }
    const begun = beginning.get(modelId) ?? begin(modelId, from, maxBytes)
    beginning.set(modelId, begun)
    return begun.finally(() => beginning.delete(modelId))
  }

  async function begin(modelId: string, from: readonly string[], mostBytes: number): Promise<ModelStatus> {
    const earlier = copies.get(modelId)
    await earlier?.ended
    const { offer, givers } = await askHolders(bus, modelId, from, earlier?.offer ?? null)
    const bytes = await bytesThere(folder, offer)
    await mkdir(folder, { recursive: true })
    await refuseTakenPlace(folder, modelId)
    const underWay = [...copies.values()].filter(({ status }) => status.state === 'downloading')
    await checkRoom({
      modelId,
      folder,
      sizeBytes: bytesOf(offer),
      copiesBytes: (await wholeCopiesBytes()) + sum(underWay.map(copy => bytesOf(copy.offer))),
      maxBytes: mostBytes,
      missingBytes: bytesOf(offer) - bytes + sum(underWay.map(missingBytesOf)),
      spareBytes,
    })
    if (closed) throw closed
    const copy = remember(offer, { ...statusOf(offer), state: 'downloading', copied: progress(offer, bytes) })
    log.info('a model is being copied', { modelId, givers, bytes: bytesOf(offer) - bytes })
    changed(copy)
    copy.ended = follow(copy, givers)
    return copy.status
  }

  /** Never rejects: what goes wrong is said in the status. */
  async function follow(copy: Copy, givers: readonly string[]): Promise<void> {
    const { offer, abort } = copy
    const { modelId } = offer
    try {
      const partial = await openPartial(folder, offer)
      const onBytes = (bytes: number) => {
        copy.status = { ...copy.status, copied: progress(offer, bytes) }
      }
      await takeModel({ offer, givers, folder: partial, bus, clock, signal: abort.signal, onBytes })
      abort.signal.throwIfAborted()
      await moveIntoPlace(folder, offer)
      await models.lookAgain()
      log.info('a model was copied', { modelId })
      copies.delete(modelId)
      if (!abort.signal.aborted) models.load(modelId)
    } catch (thrown) {
      // A disk that is full is the owner's trouble at once, and nobody would find a hidden folder.
      if (isDiskFull(thrown) || thrown instanceof WrongCopy) await removePartial(folder, modelId)
      const reason = isDiskFull(thrown)
        ? `The disk of this Mac became full while ${modelId} was copied. Make room and load it again.`
        : asMeshError(thrown).message
      copy.status = { ...copy.status, state: 'absent', reason }
      log.warn('a model was not copied', { modelId, reason })
      changed(copy)
    }
  }

  function unload(modelId: string): ModelStatus {
    const copy = copies.get(modelId)
    if (!copy || isOnDisk(modelId)) return models.unload(modelId)
    copy.abort.abort(new MeshError('CANCELLED', `The copy of ${modelId} was given up.`))
    copy.ended = forget(copy, copy.ended)
    return { ...copy.status, state: 'absent', reason: null }
  }

  async function forget(copy: Copy, ended: Promise<void>): Promise<void> {
    const { modelId } = copy.offer
    await ended
    await removePartial(folder, modelId).catch(error =>
      log.warn('the rest of a copy stays', { modelId, error }),
    )
    if (copies.get(modelId) === copy) copies.delete(modelId)
  }

  function isOnDisk(modelId: string): boolean {
    return models.list().some(model => model.modelId === modelId)
  }

  function remember(offer: ModelOffer, status: ModelStatus): Copy {
    const copy = { offer, abort: new AbortController(), status, ended: Promise.resolve() }
    copies.set(offer.modelId, copy)
    return copy
  }

  function changed({ status }: Copy): void {
    for (const run of listeners) run(status)
  }

  async function wholeCopiesBytes(): Promise<number> {
    const sizes = [...catalog.models.values()].map(async model =>
      (await isCopy(model.folder)) ? model.sizeBytes : 0,
    )
    return sum(await Promise.all(sizes))
  }
}

/** Of a model whose files are known and that nobody uses yet. */
function statusOf({ modelId, fingerprint, sizeBytes, contextTokens }: ModelOffer) {
  const unused = { reason: null, memoryBytes: 0, createdAtMs: 0, lastUsedAtMs: null, activeRequests: 0 }
  return { modelId, fingerprint, sizeBytes, contextTokens, ...unused }
}

function progress(offer: ModelOffer, bytes: number) {
  return { bytes, ofBytes: bytesOf(offer) }
}

function bytesOf({ files }: ModelOffer): number {
  return sum(files.map(({ sizeBytes }) => sizeBytes))
}

function missingBytesOf({ status: { copied } }: Copy): number {
  return copied ? copied.ofBytes - copied.bytes : 0
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}

function isDiskFull(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && (thrown.code === 'ENOSPC' || thrown.code === 'EDQUOT')
}

function notAllowed(modelId: string): MeshError {
  const message = `There is no model ${modelId} on this Mac, and its configuration (models.cache_coordination) does not let it copy any from another Mac.`
  return new MeshError('MODEL_NOT_FOUND', message, { param: 'modelId' })
}
