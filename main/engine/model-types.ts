// Which kinds of models can be loaded here: those of the installed mlx-lm, read off its files, because a list of ours would
// grow old, and our runtime's own.
import { existsSync } from 'node:fs'
import { glob, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { encoderTypes } from './embedding-folder.ts'

/**
 * A kind is what a model's config.json calls `model_type`. True for every kind where mlx-lm cannot be found. Those of the layer for
 * images count while it is installed.
 */
export function createModelTypes(
  pythonBinary: string,
  visionPackages: string,
): (type: string) => Promise<boolean> {
  let reading: Promise<ReadonlySet<string> | null> | null = null
  return async type => {
    reading ??= readTypes(pythonBinary)
    const known = await reading
    return (
      known === null ||
      known.has(type) ||
      existsSync(join(visionPackages, 'mlx_vlm', 'models', basename(type), 'language.py'))
    )
  }
}

async function readTypes(pythonBinary: string): Promise<ReadonlySet<string> | null> {
  try {
    const library = join(dirname(pythonBinary), '..', 'lib')
    const types = new Set<string>()
    for await (const path of glob('python3*/site-packages/mlx_lm/models/*.py', { cwd: library })) {
      types.add(path.replace(/^.*[\\/]|\.py$/g, ''))
    }
    for await (const path of glob('python3*/site-packages/mlx_lm/utils.py', { cwd: library })) {
      const text = await readFile(join(library, path), 'utf8')
      const [, table = ''] = /^MODEL_REMAPPING = \{(.*?)^\}/ms.exec(text) ?? []
      for (const [, type = ''] of table.matchAll(/^\s*"([^"]+)":/gm)) types.add(type)
    }
    if (types.size === 0) return null
    return new Set([...types, ...encoderTypes])
  } catch {
    return null
  }
}
