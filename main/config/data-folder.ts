// The one folder in which the app keeps everything, by the customs of the platform; MLX_MESH_HOME overrides them.
import { accessSync, constants, mkdirSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** Absolute. HOME may be unset or empty: the account's home is asked of the system then. */
export function findDataFolder(
  env: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const chosen = env['MLX_MESH_HOME']
  if (chosen) return resolve(chosen)
  if (platform === 'darwin') return join(homeFolder(env), 'Library', 'Application Support', 'MLX Mesh')
  const xdg = env['XDG_DATA_HOME']
  // The XDG specification: a relative path there is to be ignored.
  return join(xdg && isAbsolute(xdg) ? xdg : join(homeFolder(env), '.local', 'share'), 'mlx-mesh')
}

/** Makes the folder, readable by its owner alone. Throws an Error for the user where nothing can be written. */
export function makeDataFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    accessSync(folder, constants.W_OK)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(
      `the data folder cannot be used: ${reason}\nSet MLX_MESH_HOME to a folder you can write to.`,
    )
  }
}

/** What is worth nothing once the peer has stopped. */
export function runFolder(folder: string): string {
  return join(folder, 'run')
}

/** Names of the things in the data folder; the rooms that own them say what is inside. */
export function dataPaths(folder: string) {
  return {
    clusterFile: join(folder, 'cluster.yaml'),
    settingsFile: join(folder, 'settings.json'),
    meshFile: join(folder, 'mesh.json'),
    meshKeyFile: join(folder, 'mesh-key'),
    models: join(folder, 'models'),
    vision: join(folder, 'vision'),
    appFile: join(folder, 'app.json'),
    appLogFile: join(folder, 'logs', 'app.log'),
    apiKeysFile: join(folder, 'api-keys.json'),
    apiKeyUsageFile: join(folder, 'api-key-usage.json'),
    auditFile: join(folder, 'logs', 'audit.log'),
    doorSecretFile: join(folder, 'tls-secret'),
    authorityFile: join(folder, 'ca.pem'),
    appTokenFile: join(folder, 'app-token'),
    identityFile: join(folder, 'identity.json'),
    sharingFile: join(folder, 'sharing.json'),
    pinsFile: join(folder, 'pinned.json'),
    historyFile: join(folder, 'history.db'),
    responsesFile: join(folder, 'responses.db'),
    logFile: join(folder, 'logs', 'mlx-mesh.log'),
    runFile: join(runFolder(folder), 'peer.json'),
  }
}

function homeFolder(env: Environment): string {
  const home = env['HOME']
  if (home && isAbsolute(home)) return home
  return accountHome()
}

function accountHome(): string {
  try {
    return userInfo().homedir
  } catch {
    return tmpdir()
  }
}
