// Where the parts that set-up fetches lie, seen from the source, from the bundle that set-up makes of it, and from the
// packaged app.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

const pythonPackage = join('python', 'mlx_mesh_runtime')

/**
 * The nearest folder above that holds `python/mlx_mesh_runtime`: a checkout, or the packaged app's resources, which lie
 * around its `app.asar`. In the packaged app, what a checkout has in `resources/` lies beside that folder.
 */
export function findParts(from: string) {
  const top = findAbove(from)
  const packaged = existsSync(join(top, 'runtime'))
  const resources = packaged ? top : join(top, 'resources')
  const runtime = join(resources, 'runtime')
  return {
    python: join(runtime, 'python', 'bin', 'python'),
    natsServer: join(runtime, 'nats-server', 'nats-server'),
    /** Models that come with the app. */
    models: join(runtime, 'models'),
    /** The folder that holds the Python package `mlx_mesh_runtime`. */
    pythonPackages: join(top, 'python'),
    /** What the layer for images is made of. */
    visionLock: join(top, 'python', 'requirements-vision.txt'),
    /** The dashboard as it was built. */
    page: join(runtime, 'page'),
    icons: join(resources, 'icons'),
    /** What runs the core in a checkout whose Electron has an older Node.js. */
    node: packaged ? null : join(top, 'node_modules', '.bin', 'node'),
  } as const
}

function findAbove(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, pythonPackage))) return folder
    if (dirname(folder) === folder) throw new Error(`there is no ${pythonPackage} above ${from}`)
  }
}

export const parts = findParts(import.meta.dirname)
