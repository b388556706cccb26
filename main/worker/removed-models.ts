// Takes models off the disk of this Mac: out of sight in one step, so that none is ever half there, then for good.
import { mkdirSync, realpathSync, renameSync } from 'node:fs'
import { rm, rmdir } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative } from 'node:path'
import type { ModelFiles } from '../engine/engine.ts'
import { MeshError } from '../protocol/errors.ts'
import type { ModelStatus } from '../protocol/models.ts'

/** Throws INVALID_REQUEST, in words for the owner of the Mac. */
export function refuseRemoval(models: string, files: ModelFiles | undefined, status: ModelStatus): void {
  const { modelId, state } = status
  const path = files && files.folder !== '' ? relative(models, files.folder) : '..'
  if (path === '' || path.startsWith('..') || isAbsolute(path))
    throw refusal(`${modelId} came with the app and cannot be removed; only copies and downloads can.`)
  if (liesBehindLink(models, path))
    throw refusal(`${modelId} lies behind a link in ${models}. Remove it where it is, or remove the link.`)
  if (state !== 'unloaded' && state !== 'failed')
    throw refusal(`${modelId} is in use on this Mac (${state}). Unload it first, then remove it.`)
}

/** Nobody finds the model any more when this returns; its disk is free when the promise resolves. */
export function removeFolder(models: string, { folder, modelId }: ModelFiles): Promise<void> {
  const aside = join(removedIn(models), encodeURIComponent(modelId))
  mkdirSync(aside, { recursive: true })
  // Of a link the link goes, not what it names.
  renameSync(folder, join(aside, String(performance.now())))
  return finish(models, folder)
}

/** What a peer that was ended in the middle has left. */
export async function finishRemovals(models: string): Promise<void> {
  await rm(removedIn(models), { recursive: true, force: true, maxRetries: 3 })
}

async function finish(models: string, folder: string): Promise<void> {
  await finishRemovals(models)
  const publisher = dirname(folder)
  // It goes with its last model.
  if (relative(models, publisher) !== '') await rmdir(publisher).catch(() => {})
}

/** Of a model that is a link itself the link goes; what a linked folder of models holds is not ours. */
function liesBehindLink(models: string, path: string): boolean {
  const publisher = dirname(path)
  return realpathSync(join(models, publisher)) !== join(realpathSync(models), publisher)
}

function removedIn(models: string): string {
  return join(models, '.removed')
}

function refusal(message: string): MeshError {
  return new MeshError('INVALID_REQUEST', message, { param: 'modelId' })
}
