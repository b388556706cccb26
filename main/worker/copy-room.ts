import { statfs } from 'node:fs/promises'
import { MeshError } from '../protocol/errors.ts'
import type { ModelOffer } from '../protocol/model-files.ts'
import { memoryBytesOf } from '../protocol/model-memory.ts'

export interface CopiesLimit {
  readonly modelId: string
  readonly sizeBytes: number
  /** What the copies take that are on this disk, whole or under way. */
  readonly copiesBytes: number
  /** What all copies may take. */
  readonly maxBytes: number
}

/** Throws MODEL_LOAD_FAILED, in words for the owner of the Mac, when a copy is more than copies may take. */
export function checkCopiesLimit({ modelId, sizeBytes, copiesBytes, maxBytes }: CopiesLimit): void {
  if (copiesBytes + sizeBytes <= maxBytes) return
  throw tooLarge(
    `${modelId} (${gigabytes(sizeBytes)}) cannot be copied: copies of models may take ${gigabytes(maxBytes)} on this Mac (models.cache_coordination.max_cache_gb_per_worker), and take ${gigabytes(copiesBytes)}.`,
  )
}

export interface DiskRoom {
  readonly modelId: string
  /** The folder of models that it goes to. */
  readonly folder: string
  /** Still to be written, also of the copies that are under way. */
  readonly missingBytes: number
  /** To be left free on the disk, for its owner. */
  readonly spareBytes: number
}

/** Rejects with MODEL_LOAD_FAILED, in words for the owner of the Mac, when the disk has no room for it. */
export async function checkDiskRoom({ modelId, folder, missingBytes, spareBytes }: DiskRoom): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const freeBytes = bavail * bsize
  if (missingBytes + spareBytes <= freeBytes) return
  throw tooLarge(
    `${modelId} cannot be copied: ${gigabytes(missingBytes)} are still to be written, ${gigabytes(freeBytes)} are free on the disk of this Mac, and ${gigabytes(spareBytes)} of them stay free.`,
  )
}

/** Throws INSUFFICIENT_MEMORY for a model that could not be loaded here: it is no use to fetch it. */
export function checkMemory({ modelId, sizeBytes }: ModelOffer, budgetBytes: number): void {
  const needBytes = memoryBytesOf(sizeBytes)
  if (needBytes <= budgetBytes) return
  const message = `${modelId} needs about ${gigabytes(needBytes)} of memory, and models may take ${gigabytes(budgetBytes)} on this Mac (models.memory_budget_gb).`
  throw new MeshError('INSUFFICIENT_MEMORY', message, { param: 'modelId' })
}

function tooLarge(message: string): MeshError {
  return new MeshError('MODEL_LOAD_FAILED', message, { param: 'modelId' })
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GB`
}
