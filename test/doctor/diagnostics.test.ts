import { appendFileSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { strFromU8, unzipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Outcome, runCommand } from '../cli/fake-terminal.ts'
import { type ServeOptions, serve } from '../cli/served-peer.ts'
import { tinyModelFolder } from '../support/runtime.ts'
import { makeTempFolder } from '../support/temp-folder.ts'

const canary = 'the canary sings at four'
const meshFile = z.object({
  mesh: z.object({ roster: z.object({ secret: z.object({ value: z.string() }) }) }),
})

async function openPeer(args: ServeOptions['args'], more: Record<string, string> = {}) {
  const account = makeTempFolder()
  const home = join(account, 'Library', 'MLX Mesh')
  mkdirSync(join(home, 'models'), { recursive: true })
  symlinkSync(tinyModelFolder, join(home, 'models', 'tiny'))
  const env = {
    HOME: account,
    MLX_MESH_DISCOVERY_ENABLED: 'false',
    MLX_MESH_NATS_ROUTE_ADDRESS: '127.0.0.1',
    MLX_MESH_NATS_ROUTE_PORT: '0',
    MLX_MESH_LOG_PROMPTS: 'true',
    MLX_MESH_MONITORING_LOGGING_LEVEL: 'debug',
    ...more,
  }
  const peer = serve({ home, args: ['--port', '0', '--json', ...(args ?? [])], env })
  const [, url = ''] = await peer.says(/"url":"([^"]+)"/)
  const run = (...argv: string[]): Promise<Outcome> => runCommand(argv, { home })
  const bundle = async () =>
    unpack(new Uint8Array(await (await fetch(`${url}/api/diagnostics`)).arrayBuffer()))
  return { account, home, url, run, bundle, logFile: join(home, 'logs', 'mlx-mesh.log') }
}

function unpack(bytes: Uint8Array): Record<string, string> {
  return Object.fromEntries(Object.entries(unzipSync(bytes)).map(([name, data]) => [name, strFromU8(data)]))
}

/** By itself: a short name of a machine may be a part of any id. */
function standsIn(text: string, word: string): boolean {
  return new RegExp(`(?<![\\w-])${word.replace(/[.\\^$*+?()[\]{}|]/g, '\\$&')}(?![\\w-])`).test(text)
}

function expectClean(files: Record<string, string>, unwanted: readonly string[]): void {
  for (const [name, text] of Object.entries(files))
    for (const word of unwanted) expect(standsIn(text, word), `${word} in ${name}`).toBe(false)
}

describe('the bundle for a bug report', () => {
  test('says what runs here, without prompts, secrets and names', async () => {
    const { account, home, url, run, bundle, logFile } = await openPeer(['--engine', 'scripted:loadMs=0'])
    await fetch(`${url}/api/mesh/invite`, { method: 'POST' })
    const kept = meshFile.parse(JSON.parse(readFileSync(join(home, 'mesh.json'), 'utf8')))
    const secret = kept.mesh.roster.secret.value
    const appToken = readFileSync(join(home, 'app-token'), 'utf8').trim()
    const { pairing } = JSON.parse(await (await fetch(`${url}/api/mesh`)).text())
    expect((await run('chat', '-m', 'scripted', canary)).code).toBe(0)
    const line = {
      level: 'info',
      time: new Date().toISOString(),
      msg: 'probe',
      at: '10.9.8.7',
      file: account,
      secret,
      token: appToken,
    }
    appendFileSync(logFile, `${JSON.stringify(line)}\n`)

    const files = await bundle()
    expect(Object.keys(files)).toEqual([
      'README.txt',
      'versions.json',
      'system.json',
      'configuration.json',
      'doctor.json',
      'mesh.json',
      'requests.json',
      'log.jsonl',
    ])
    expectClean(files, [canary, secret, appToken, pairing.code, account, hostname(), '10.9.8.7'])
    expect(files['log.jsonl']).toContain('"msg":"probe","at":"ip-1","file":"~","secret":"********"')
    expect(files['log.jsonl']).toContain('the peer has started')
    expect(JSON.parse(files['requests.json'] ?? '')).toMatchObject([
      { modelId: 'scripted', status: 'completed' },
    ])
    expect(files['configuration.json']).toContain('environment MLX_MESH_LOG_PROMPTS')
    expect(JSON.parse(files['doctor.json'] ?? '')).toContainEqual(
      expect.objectContaining({ id: 'peer', status: 'ok' }),
    )
  }, 60_000)

  test.each(['json', 'text'])(
    'has no prompt that MLX was asked and the log holds as %s',
    async format => {
      const { account, url, bundle, logFile } = await openPeer(['--load', 'tiny'], {
        MLX_MESH_MONITORING_LOGGING_FORMAT: format,
      })
      const content = `Say\n${canary}\n${canary}`
      const body = { model: 'tiny', max_tokens: 1, messages: [{ role: 'user', content }] }
      const asked = await fetch(`${url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(body) })
      expect(asked.status).toBe(200)
      await expect.poll(() => readFileSync(logFile, 'utf8')).toContain(canary)
      const files = await bundle()
      expectClean(files, [canary, account])
      expect(files['log.jsonl']).toContain('the peer has started')
    },
    90_000,
  )
})

describe('mlx-mesh diagnostics', () => {
  test('saves the bundle of the peer that runs here', async () => {
    const { account, run } = await openPeer(['--engine', 'scripted:loadMs=0'])
    const file = join(account, 'bundle.zip')
    expect(await run('diagnostics', file)).toMatchObject({ code: 0, output: expect.stringContaining(file) })
    expect(JSON.parse(unpack(readFileSync(file))['requests.json'] ?? '')).toEqual([])
  }, 60_000)

  test('makes one without a peer, too, also with a configuration that is wrong', async () => {
    const home = makeTempFolder()
    const file = join(home, 'bundle.zip')
    const env = { MLX_MESH_MODELS_MAX_LOADED: 'many' }
    const { code, notes } = await runCommand(['diagnostics', file], { home, env })
    expect(code).toBe(0)
    expect(notes).toContain('no peer runs here')
    const files = unpack(readFileSync(file))
    expect(files['configuration.json']).toContain('expected a whole number')
    expect(files['mesh.json']).toContain('no peer runs here')
  }, 60_000)
})
