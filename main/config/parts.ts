// Where the parts that set-up fetches lie: the same folder in a checkout and in the packaged app.
import { join, resolve } from 'node:path'

const resources = resolve(import.meta.dirname, '..', '..', 'resources')

export const parts = {
  python: join(resources, 'runtime', 'python', 'bin', 'python'),
  natsServer: join(resources, 'runtime', 'nats-server', 'nats-server'),
  /** Models that come with the app. */
  models: join(resources, 'runtime', 'models'),
  /** The dashboard as it was built. */
  page: join(resources, 'runtime', 'page'),
  /** The folder that holds the Python package `mlx_mesh_runtime`. */
  pythonPackages: resolve(resources, '..', 'python'),
} as const
