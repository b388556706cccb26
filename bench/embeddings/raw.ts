import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parts } from '../../main/config/parts.ts'
import { startChild } from '../../main/process/child.ts'

const program = fileURLToPath(new URL('raw.py', import.meta.url))

/** The model without a mesh: one process that computes batch after batch. */
export interface RawModel {
  /** Seconds that these batches took. */
  run(batches: readonly (readonly string[])[]): Promise<number>
  stop(): Promise<void>
}

export async function startRaw(modelFolder: string): Promise<RawModel> {
  const child = startChild({
    command: parts.python,
    args: [program, modelFolder],
    env: { ...process.env, PYTHONPATH: parts.pythonPackages, PYTHONNOUSERSITE: '1', HF_HUB_OFFLINE: '1' },
  })
  child.stderr.resume()
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`the raw model ${(await child.exited).reason}`)
    return value
  }
  await next()
  return {
    run: async batches => {
      child.write(`${JSON.stringify(batches)}\n`)
      return Number(await next())
    },
    stop: async () => {
      await child.stop(1000)
    },
  }
}
