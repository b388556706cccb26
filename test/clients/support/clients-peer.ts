// A peer whose models answer every kind of request: text, thinking, and embeddings.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embeddingModelFolder, tinyModelFolder } from '../../support/runtime.ts'
import { type ServedPeer, startServe } from '../../support/serve.ts'

export const textModel = 'tiny'
export const thinkingModel = 'thinker'
export const embeddingModel = 'all-MiniLM-L6-v2'

/** The starter model is there, too; `prepare` gets the folder with the models before it is read. */
export async function startClientsPeer(prepare?: (modelsFolder: string) => void): Promise<ServedPeer> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'mlx mesh clients '))
  const models = join(dataFolder, 'models')
  mkdirSync(models)
  symlinkSync(tinyModelFolder, join(models, textModel))
  symlinkSync(embeddingModelFolder, join(models, embeddingModel))
  makeThinker(join(models, thinkingModel))
  prepare?.(models)
  const peer = await startServe({ dataFolder })
  const close = async () => {
    await peer.close()
    rmSync(dataFolder, { recursive: true, force: true })
  }
  return { ...peer, close }
}

/** `tiny`, but its template begins a thought, unless it is told not to, and two tokens that nobody needs are its marks. */
function makeThinker(folder: string): void {
  const changed: Readonly<Record<string, (text: string) => string>> = {
    'chat_template.jinja': () =>
      `{{ messages[-1].content }}\n[assistant]\n<think>\n{% if enable_thinking is defined and not enable_thinking %}\n</think>\n\n{% endif %}`,
    'tokenizer.json': text =>
      text.replaceAll('"<repo_name>"', '"<think>"').replaceAll('"<reponame>"', '"</think>"'),
    'tokenizer_config.json': text => JSON.stringify({ ...JSON.parse(text), chat_template: undefined }),
  }
  mkdirSync(folder)
  for (const name of readdirSync(tinyModelFolder)) {
    const change = changed[name]
    const path = join(tinyModelFolder, name)
    if (change) writeFileSync(join(folder, name), change(readFileSync(path, 'utf8')))
    else symlinkSync(path, join(folder, name))
  }
}
