import { statfs } from 'node:fs/promises'
import { MeshError } from '../protocol/errors.ts'

export interface CopyRoom {
  readonly modelId: string
  /** The folder of models that it goes to. */
  readonly folder: string
  readonly sizeBytes: number
  /** What the copies take that are on this disk, whole or under way. */
  readonly copiesBytes: number
  /** What all copies may take. */
  readonly maxBytes: number
  /** Still to be written, also of the copies that are under way. */
  readonly missingBytes: number
  /** To be left free on the disk, for its owner. */
  readonly spareBytes: number
}

/** Rejects with MODEL_LOAD_FAILED, in words for the owner of the Mac, when a copy does not fit. */
export async function checkRoom(room: CopyRoom): Promise<void> {
  const { modelId, folder, sizeBytes, copiesBytes, maxBytes, missingBytes, spareBytes } = room
  if (copiesBytes + sizeBytes > maxBytes) {
    throw tooLarge(
      `${modelId} (${gigabytes(sizeBytes)}) cannot be copied: copies of models may take ${gigabytes(maxBytes)} on this Mac (models.cache_coordination.max_cache_gb_per_worker), and take ${gigabytes(copiesBytes)}.`,
    )
  }
  const { bavail, bsize } = await statfs(folder)
  const freeBytes = bavail * bsize
  if (missingBytes + spareBytes > freeBytes) {
    throw tooLarge(
      `${modelId} cannot be copied: ${gigabytes(missingBytes)} are still to be written, ${gigabytes(freeBytes)} are free on the disk of this Mac, and ${gigabytes(spareBytes)} of them stay free.`,
    )
  }
}

function tooLarge(message: string): MeshError {
  return new MeshError('MODEL_LOAD_FAILED', message, { param: 'modelId' })
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GB`
}
