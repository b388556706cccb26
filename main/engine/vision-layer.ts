// The optional layer with which models see images: a folder of Python packages that `mlx-mesh vision install` makes.
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Whether the folder holds it, whole: it is renamed to its place when it is complete. */
export function holdsVisionLayer(folder: string): boolean {
  return existsSync(join(folder, 'mlx_vlm', '__init__.py'))
}
