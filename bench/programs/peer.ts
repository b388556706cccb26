import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { nodeFlags } from '../../scripts/run-node24.mjs'
import type { Place } from './cores.ts'
import { headlessProgram } from './places.ts'
import { type Program, startProgram } from './program.ts'

export interface PeerOptions {
  /** The peer's own data folder; kept when it stops. */
  readonly home: string
  readonly place: Place
  readonly engine: 'mlx' | 'scripted'
  /** Ids and the folders that they stand for. */
  readonly models: Readonly<Record<string, string>>
  /** Loaded before the peer counts as started. */
  readonly load?: string
  /** `cluster.yaml`; JSON is YAML. */
  readonly cluster?: Readonly<Record<string, unknown>>
}

export interface Peer extends Program {
  readonly url: string
}

const readyWithinMs = 60_000

/** `mlx-mesh serve` as users run it, on a free port. */
export async function startPeer(options: PeerOptions): Promise<Peer> {
  await mkdir(join(options.home, 'models'), { recursive: true })
  for (const [modelId, folder] of Object.entries(options.models)) {
    await symlink(folder, join(options.home, 'models', modelId)).catch(ignoreExisting)
  }
  if (options.cluster) {
    await writeFile(join(options.home, 'cluster.yaml'), JSON.stringify({ cluster: options.cluster }))
  }
  const load = options.load === undefined ? [] : ['--load', options.load]
  const program = await startProgram({
    name: 'mlx-mesh serve',
    command: process.execPath,
    args: [
      ...nodeFlags,
      headlessProgram,
      'serve',
      '--json',
      '--port',
      '0',
      '--engine',
      options.engine,
      ...load,
    ],
    place: options.place,
    env: { MLX_MESH_HOME: options.home, MLX_MESH_DISCOVERY_ENABLED: 'false' },
    ready: /"event":"started".*"url":"([^"]+)"/,
    readyWithinMs,
    ...(options.load === undefined ? {} : { thenReady: /"event":"ready"/ }),
  })
  return { ...program, url: program.matched[0] ?? '' }
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}
