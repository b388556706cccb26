import { closestTo } from './closest.ts'
import type { Problem } from './config-error.ts'
import { keys } from './keys.ts'
import type { Environment } from './read-value.ts'
import type { Setting } from './source.ts'

/** Short names for keys that are often set. */
const shortNames: ReadonlyMap<string, string> = new Map([
  ['MLX_MESH_PORT', 'controller.port'],
  ['MLX_MESH_LOG_PROMPTS', 'monitoring.logging.prompts'],
])

/** Variables that are no keys: the data folder, the peer to talk to, the Python of set-up, the parent of a peer. */
const reserved = new Set([
  'MLX_MESH_HOME',
  'MLX_MESH_URL',
  'MLX_MESH_PYTHON',
  'MLX_MESH_PARENT',
  'MLX_MESH_KEY_FROM_OWNER',
  'MLX_MESH_CORE_NODE',
  'MLX_MESH_PAGE',
])

/** `MLX_MESH_CONTROLLER_PORT=9000` sets `controller.port`; an empty variable counts as unset. */
export function readEnvironment(env: Environment): {
  settings: readonly Setting[]
  problems: readonly Problem[]
} {
  const variables = new Map([
    ...shortNames,
    ...[...keys.values()].map(key => [key.variable, key.path] as const),
  ])
  const settings: Setting[] = []
  const problems: Problem[] = []
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith('MLX_MESH_') || reserved.has(variable) || !value) continue
    const source = { layer: 'environment', variable } as const
    const key = variables.get(variable)
    if (key !== undefined) settings.push({ key, value, source })
    else {
      const near = closestTo(variable, [...variables.keys(), ...reserved])
      const hint = near === null ? '' : ` Did you mean ${near}?`
      problems.push({ source, key: null, message: `no key of the configuration has this variable.${hint}` })
    }
  }
  return { settings, problems }
}
