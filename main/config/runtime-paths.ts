// Where set-up has put what is not JavaScript. In a checkout that is `resources/runtime`.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const starterModelId = 'SmolLM2-135M-Instruct'

export interface RuntimePaths {
  readonly python: string
  /** Holds the package `mlx_mesh_runtime`. */
  readonly pythonFolder: string
  readonly natsServer: string
  /** One folder a model. */
  readonly models: string
}

export function findRuntime(root = fileURLToPath(new URL('../..', import.meta.url))): RuntimePaths {
  const runtime = join(root, 'resources', 'runtime')
  return {
    python: join(runtime, 'python', 'bin', 'python'),
    pythonFolder: join(root, 'python'),
    natsServer: join(runtime, 'nats-server', 'nats-server'),
    models: join(runtime, 'models'),
  }
}
