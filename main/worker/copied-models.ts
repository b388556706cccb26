// The models of this Mac and those on their way to it: what is asked for and not on this disk is copied from another Mac,
// or downloaded.
import { mkdir } from 'node:fs/promises'
import type { Catalog } from '../engine/catalog.ts'
import type { Models } from '../engine/models.ts'
import type { Bus } from '../fabric/bus.ts'
import { NotAtHub } from '../hub/hub-error.ts'
import { isHubOffer } from '../hub/hub-offer.ts'
import type { Hub } from '../hub/open-hub.ts'
import type { Clock } from '../protocol/clock.ts'
import { asMeshError, MeshError } from '../protocol/errors.ts'
import type { ModelStatus } from '../protocol/models.ts'
import type { Log } from '../telemetry/log.ts'
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
import { checkCopiesLimit, checkDiskRoom, checkMemory } from './copy-room.ts'
import { findSource, type ModelSource, type Offer, whyNowhere } from './model-source.ts'
import { finishRemovals, refuseRemoval, removeFolder } from './removed-models.ts'

export interface CopiedModels extends Pick<Models, 'onChange' | 'unload' | 'list' | 'pin'> {
  /**
   * Loads a model that is on this disk. Another one is copied first, from one of the workers `from`, or downloaded: the
   * answer comes when that has begun. Rejects with MeshError, as `Models` does, and with NO_WORKER when nobody gives it.
   */
  load(modelId: string, from: readonly string[]): Promise<ModelStatus>
  /** Takes a model that nobody uses off the disk, or gives its copy up. Rejects with INVALID_REQUEST, MODEL_NOT_FOUND. */
  remove(modelId: string): Promise<ModelStatus>
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
  /** Null: nothing is downloaded. */
  readonly hub: Hub | null
  /** What models may take of this Mac's memory. */
  readonly memoryBudgetBytes: number
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
}

interface Copy {
  readonly modelId: string
  readonly abort: AbortController
  /** Null until it is known what there is of the model. */
  offer: Offer | null
  status: ModelStatus
  /** Settled when nothing is being copied any more. */
  ended: Promise<void>
}

/** Whoever asks us to load a model waits 5 s for an answer; what a slow hub says later stands in the status. */
const answerWithinMs = 3000

export async function openCopiedModels(options: CopiedModelsOptions): Promise<CopiedModels> {
  const { models, catalog, folder, maxBytes, spareBytes, hub, bus, clock, log } = options
  const sources = { bus, clock, hub, maxCopiedBytes: maxBytes }
  const copies = new Map<string, Copy>()
  /** Those of which nobody knows yet whether they can be. */
  const beginning = new Map<string, { readonly copy: Copy; readonly answer: Promise<ModelStatus> }>()
  const listeners = new Set<(status: ModelStatus) => void>()
  let closed: MeshError | null = null

  await finishRemovals(folder).catch(error => log.warn('the rest of removed models stays', { error }))
  for (const { offer, bytes } of await listUnfinished(folder)) {
    if (isOnDisk(offer.modelId)) continue
    const reason = `Its ${isHubOffer(offer) ? 'download' : 'copy'} was cut off; load it to go on.`
    const status = { ...statusOf(offer), state: 'absent', reason, copied: progress(offer, bytes) } as const
    copies.set(offer.modelId, newCopy(status, offer))
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
    pin: models.pin,
    remove,
    close: async () => {
      closed = new MeshError('SHUTTING_DOWN', 'This Mac is shutting down.')
      const begun = [...beginning.values()].map(({ copy }) => copy)
      const all = [...copies.values(), ...begun]
      for (const copy of all) copy.abort.abort(closed)
      await Promise.all(all.map(copy => copy.ended))
    },
  }

  async function load(modelId: string, from: readonly string[]): Promise<ModelStatus> {
    if (closed) throw closed
    const begun = beginning.get(modelId)
    if (begun) return begun.answer
    const copy = copies.get(modelId)
    if (copy?.status.state === 'downloading' && !copy.abort.signal.aborted) return copy.status
    try {
      return models.load(modelId)
    } catch (thrown) {
      if (asMeshError(thrown).code !== 'MODEL_NOT_FOUND') throw thrown
      const nowhere = whyNowhere(modelId, from, sources)
      if (nowhere) throw nowhere
    }
    return begin(modelId, from)
  }

  async function begin(modelId: string, from: readonly string[]): Promise<ModelStatus> {
    const unknown = { modelId, fingerprint: '', sizeBytes: 0, contextTokens: 1 }
    const copy = newCopy({ ...statusOf(unknown), state: 'downloading' }, null)
    const prepared = prepare(copy, copies.get(modelId) ?? null, from)
    copy.ended = prepared.then(
      source => follow(copy, source),
      async thrown => {
        if (copies.get(modelId) === copy) await fail(copy, thrown)
      },
    )
    const answer = firstWord(copy, prepared)
    beginning.set(modelId, { copy, answer })
    return answer.finally(() => beginning.delete(modelId))
  }

  /** Rejects as `prepared` does when that is soon. */
  async function firstWord(copy: Copy, prepared: Promise<ModelSource>): Promise<ModelStatus> {
    let callOff = () => {}
    const late = new Promise<void>(resolve => {
      callOff = clock.after(answerWithinMs, resolve)
    })
    await Promise.race([prepared, late]).finally(callOff)
    copies.set(copy.modelId, copy)
    changed(copy)
    return copy.status
  }

  /** Finds out where the model comes from, and that there is room for it. */
  async function prepare(copy: Copy, earlier: Copy | null, from: readonly string[]): Promise<ModelSource> {
    const { modelId } = copy
    const { signal } = copy.abort
    await earlier?.ended
    const source = await findSource(
      { modelId, holders: from, earlier: earlier?.offer ?? null, signal },
      sources,
    )
    const { offer } = source
    const bytes = await bytesThere(folder, offer)
    await mkdir(folder, { recursive: true })
    await refuseTakenPlace(folder, modelId)
    const underWay = [...copies.values()].filter(({ status }) => status.state === 'downloading')
    const missingBytes = bytesOf(offer) - bytes + sum(underWay.map(missingBytesOf))
    if (isHubOffer(offer)) checkMemory(offer, options.memoryBudgetBytes)
    else if (maxBytes !== null) {
      const copiesBytes = (await wholeCopiesBytes()) + sum(underWay.map(copiedBytesOf))
      checkCopiesLimit({ modelId, sizeBytes: bytesOf(offer), copiesBytes, maxBytes })
    }
    await checkDiskRoom({ modelId, folder, missingBytes, spareBytes })
    signal.throwIfAborted()
    copy.offer = offer
    copy.status = { ...statusOf(offer), state: 'downloading', copied: progress(offer, bytes) }
    log.info('a model is being copied', { modelId, from: source.from, bytes: bytesOf(offer) - bytes })
    return source
  }

  /** Never rejects: what goes wrong is said in the status. */
  async function follow(copy: Copy, source: ModelSource): Promise<void> {
    const { modelId, abort } = copy
    const { offer } = source
    try {
      const partial = await openPartial(folder, offer)
      await source.take(partial, abort.signal, bytes => {
        copy.status = { ...copy.status, copied: progress(offer, bytes) }
      })
      abort.signal.throwIfAborted()
      await moveIntoPlace(folder, offer)
      await models.lookAgain()
      log.info('a model was copied', { modelId })
      copies.delete(modelId)
      if (!abort.signal.aborted) models.load(modelId)
    } catch (thrown) {
      await fail(copy, thrown)
    }
  }

  async function fail(copy: Copy, thrown: unknown): Promise<void> {
    const { modelId } = copy
    const error = asMeshError(thrown)
    // A disk that is full is the owner's trouble at once, and nobody would find a hidden folder. Of a state of a
    // repository that the hub has no more, nothing is left to wait for either.
    if (isDiskFull(thrown) || thrown instanceof WrongCopy || thrown instanceof NotAtHub) {
      await removePartial(folder, modelId).catch(reason =>
        log.warn('the rest of a copy stays', { modelId, error: reason }),
      )
      copy.offer = null
    }
    const reason = isDiskFull(thrown)
      ? `The disk of this Mac became full while ${modelId} was copied. Make room and load it again.`
      : error.message
    copy.status = { ...copy.status, state: 'absent', reason }
    log.warn('a model was not copied', { modelId, reason })
    changed(copy)
  }

  function unload(modelId: string): ModelStatus {
    const copy = copies.get(modelId)
    const begun = beginning.get(modelId)?.copy
    const unwanted = copy ?? begun
    if (!unwanted || isOnDisk(modelId)) return models.unload(modelId)
    const reason = new MeshError('CANCELLED', `The copy of ${modelId} was given up.`)
    begun?.abort.abort(reason)
    copy?.abort.abort(reason)
    if (copy) copy.ended = forget(copy, copy.ended)
    return { ...unwanted.status, state: 'absent', reason: null }
  }

  async function remove(modelId: string): Promise<ModelStatus> {
    const copy = copies.get(modelId)
    const status = models.list().find(model => model.modelId === modelId)
    if (!status) {
      const given = unload(modelId) // throws where there is nothing of that name
      await copy?.ended
      for (const run of listeners) run(given)
      return given
    }
    const files = catalog.models.get(modelId)
    refuseRemoval(folder, files, status)
    models.pin(modelId, false)
    if (files) await removeFolder(folder, files)
    await models.lookAgain()
    log.info('a model was removed', { modelId })
    return { ...status, state: 'absent', reason: null }
  }

  async function forget(copy: Copy, ended: Promise<void>): Promise<void> {
    const { modelId } = copy
    await ended
    await removePartial(folder, modelId).catch(error =>
      log.warn('the rest of a copy stays', { modelId, error }),
    )
    if (copies.get(modelId) === copy) copies.delete(modelId)
  }

  function isOnDisk(modelId: string): boolean {
    return models.list().some(model => model.modelId === modelId)
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

function newCopy(status: ModelStatus, offer: Offer | null): Copy {
  const { modelId } = status
  return { modelId, offer, abort: new AbortController(), status, ended: Promise.resolve() }
}

/** Of a model whose files are known and that nobody uses yet. */
function statusOf({ modelId, fingerprint, sizeBytes, contextTokens }: Omit<Offer, 'files'>) {
  const unused = { reason: null, memoryBytes: 0, createdAtMs: 0, lastUsedAtMs: null, activeRequests: 0 }
  return { modelId, fingerprint, sizeBytes, contextTokens, ...unused }
}

function progress(offer: Offer, bytes: number): NonNullable<ModelStatus['copied']> {
  return { bytes, ofBytes: bytesOf(offer), ...(isHubOffer(offer) ? { from: 'hub' } : {}) }
}

function bytesOf({ files }: Offer): number {
  return sum(files.map(({ sizeBytes }) => sizeBytes))
}

function missingBytesOf({ status: { copied } }: Copy): number {
  return copied ? copied.ofBytes - copied.bytes : 0
}

/** What counts against the limit of copies. */
function copiedBytesOf({ offer }: Copy): number {
  return offer && !isHubOffer(offer) ? bytesOf(offer) : 0
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}

function isDiskFull(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && (thrown.code === 'ENOSPC' || thrown.code === 'EDQUOT')
}
