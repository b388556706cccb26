// Starts a packaged app once, as somebody who has just installed it, and asks whether its core answers.
// `node scripts/dist/try-app.mjs PROGRAM [FLAG…]`, with a display; PROGRAM is the executable inside the .app.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const startTimeoutMs = 90_000
const endTimeoutMs = 30_000
const lookEachMs = 100

/**
 * @param {string} program @param {string[]} flags
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<unknown>} what `/health` says; rejects with all that the app has said when it does not start or end
 */
export async function tryApp(program, flags, env = process.env) {
  const dataFolder = mkdtempSync(join(tmpdir(), 'mlx mesh '))
  // Nothing is said of it on the network that this machine is in.
  const own = {
    MLX_MESH_HOME: dataFolder,
    MLX_MESH_CONTROLLER_PORT: '0',
    MLX_MESH_DISCOVERY_ENABLED: 'false',
  }
  const app = spawn(program, flags, { env: { ...env, ...own }, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [app.stdout, app.stderr]) stream.on('data', data => (said += String(data)))
  const ended = new Promise(done => app.once('exit', (code, signal) => done(signal ?? `exit code ${code}`)))
  app.once('error', error => (said += error.message))
  try {
    const health = await Promise.race([
      answerOf(dataFolder),
      ended.then(how => Promise.reject(new Error(`the app ended with ${how}`))),
    ])
    app.kill('SIGTERM')
    await within(endTimeoutMs, ended, 'the app does not end')
    return health
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}; it said:\n${said}`, { cause: error })
  } finally {
    app.kill('SIGKILL')
    rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** @param {string} dataFolder */
async function answerOf(dataFolder) {
  for (const endMs = Date.now() + startTimeoutMs; Date.now() < endMs; await sleep(lookEachMs)) {
    const url = urlIn(join(dataFolder, 'run', 'peer.json'))
    if (url === null) continue
    const answer = await fetch(`${url}/health`).catch(() => null)
    if (answer?.ok) return answer.json()
  }
  throw new Error('its core does not answer')
}

/** @param {string} file @returns {string | null} */
function urlIn(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).url
  } catch {
    return null // not written yet
  }
}

/** @template T @param {number} limitMs @param {Promise<T>} promise @param {string} otherwise @returns {Promise<T>} */
async function within(limitMs, promise, otherwise) {
  const stop = new AbortController()
  const late = sleep(limitMs, null, { signal: stop.signal }).then(() => Promise.reject(new Error(otherwise)))
  late.catch(() => null)
  try {
    return await Promise.race([promise, late])
  } finally {
    stop.abort()
  }
}

const [program, ...flags] = process.argv.slice(2)
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!program) throw new Error('usage: node scripts/dist/try-app.mjs PROGRAM [FLAG…]')
  console.log(JSON.stringify(await tryApp(resolve(program), flags)))
}
