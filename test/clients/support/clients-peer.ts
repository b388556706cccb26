// A peer whose models answer every kind of request: text, and embeddings.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embeddingModelFolder, tinyModelFolder } from '../../support/runtime.ts'
import { type ServedPeer, startServe } from '../../support/serve.ts'

export const textModel = 'tiny'
export const embeddingModel = 'all-MiniLM-L6-v2'

/** `prepare` gets the folder with the models before it is read. */
export async function startClientsPeer(prepare?: (modelsFolder: string) => void): Promise<ServedPeer> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'mlx mesh clients '))
  const models = join(dataFolder, 'models')
  mkdirSync(models)
  symlinkSync(tinyModelFolder, join(models, textModel))
  symlinkSync(embeddingModelFolder, join(models, embeddingModel))
  prepare?.(models)
  const peer = await startServe({ dataFolder })
  const close = async () => {
    await peer.close()
    rmSync(dataFolder, { recursive: true, force: true })
  }
  return { ...peer, close }
}
