// Which models lie on this disk: every folder with config.json below the given ones, named by its path from there.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelFiles } from './engine.ts'
import { inspectFolder, listFiles } from './model-folder.ts'

export interface Catalog {
  /** As of the last scan, by id. */
  readonly models: ReadonlyMap<string, ModelFiles>
  /** Folders that look like models and cannot be one. */
  readonly broken: readonly BrokenFolder[]
  /** Looks again: only what has changed is read. Never rejects. */
  rescan(): Promise<void>
}

interface BrokenFolder {
  readonly modelId: string
  readonly folder: string
  readonly reason: string
}

/** `org/name` is as deep as models lie. */
const deepestLevel = 2

/** Where two folders hold the same id, the first one wins. Empty until it has been scanned once. */
export function createCatalog(folders: readonly string[]): Catalog {
  let seen = new Map<string, Inspected>()
  const catalog = { models: new Map<string, ModelFiles>(), broken: [] as BrokenFolder[], rescan }
  return catalog

  async function rescan(): Promise<void> {
    const now = new Map<string, Inspected>()
    const models = new Map<string, ModelFiles>()
    const broken: BrokenFolder[] = []
    for (const root of folders) {
      for (const [modelId, folder] of await candidates(root)) {
        const inspected = await inspectAgain(modelId, folder)
        if (inspected === null) continue
        now.set(folder, inspected)
        if (typeof inspected.result === 'string') broken.push({ modelId, folder, reason: inspected.result })
        else if (!models.has(modelId)) models.set(modelId, inspected.result)
      }
    }
    seen = now
    Object.assign(catalog, { models, broken })
  }

  async function inspectAgain(modelId: string, folder: string): Promise<Inspected | null> {
    const files = await listFiles(folder)
    if (!files.some(file => file.name === 'config.json')) return null
    const fingerprint = files.map(file => `${file.name} ${file.sizeBytes} ${file.mtimeMs}`).join('\n')
    const before = seen.get(folder)
    if (before?.fingerprint === fingerprint) return before
    return { fingerprint, result: await inspectFolder(modelId, folder, files) }
  }
}

interface Inspected {
  readonly fingerprint: string
  /** The model, or why it is none. */
  readonly result: ModelFiles | string
}

/** Folders below `root` with their ids. What is not there or not ours to read holds no models. */
async function candidates(root: string): Promise<[modelId: string, folder: string][]> {
  const found: [string, string][] = []
  const look = async (path: readonly string[]) => {
    const entries = await readdir(join(root, ...path), { withFileTypes: true }).catch(() => [])
    const names = entries.map(entry => entry.name)
    if (path.length > 0) found.push([path.join('/'), join(root, ...path)])
    if (path.length === deepestLevel || names.includes('config.json')) return
    for (const entry of entries) {
      const isHidden = entry.name.startsWith('.')
      if (!isHidden && (entry.isDirectory() || entry.isSymbolicLink())) await look([...path, entry.name])
    }
  }
  await look([])
  return found
}

/** A list of models that nobody has to look for on a disk: for the scripted engine. */
export function fixedCatalog(models: readonly ModelFiles[]): Catalog {
  return {
    models: new Map(models.map(files => [files.modelId, files])),
    broken: [],
    rescan: () => Promise.resolve(),
  }
}
