// The packaged app, made once for this file: what is in it, and what nobody can make it do.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { createPackage, extractFile, listPackage } from '@electron/asar'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { configurationHere } from '../../scripts/dist/configuration.mjs'
import { packageForLinux } from '../../scripts/dist/package-app.mjs'
import { wrongFuses } from '../../scripts/dist/read-fuses.mjs'
import { tryApp } from '../../scripts/dist/try-app.mjs'
import { electronOf } from '../../scripts/setup/electron.mjs'
import { type Display, noDisplay, openDisplay } from '../desktop/support/display.ts'
import { startServe } from '../support/serve.ts'

const root = resolve(import.meta.dirname, '..', '..')
const electron = process.platform === 'linux' ? electronOf(root) : null
const missing = electron === null ? 'no Electron for Linux is here' : noDisplay
const skipped = missing ? ` (${missing})` : ''

/** Says what came through to it, and ends. */
const probe = `const { app } = require('electron')
const inspector = require('node:inspector').url() ?? null
console.log('PROBE ' + JSON.stringify({ inspector, required: globalThis.required ?? null }))
app.exit()
`

describe.skipIf(missing)(`the app as a Linux folder${skipped}`, () => {
  let folder = ''
  let packed = ''
  let probed = ''
  let display: Display

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mlx mesh '))
    const configuration = await configurationHere(root, {})
    packed = await packageForLinux({ root, output: join(folder, 'dist'), configuration })
    probed = await makeProbe(folder, packed)
    display = await openDisplay()
  }, 120_000)

  afterAll(async () => {
    await display?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('its archive holds the bundles and nothing else', () => {
    const files = listPackage(archiveOf(packed), { isPack: false }).sort()
    expect(files).toEqual(['/core.cjs', '/main.cjs', '/package.json', '/preload.cjs'])
    const manifest: unknown = JSON.parse(extractFile(archiveOf(packed), 'package.json').toString())
    expect(manifest).toEqual({
      name: 'mlx-mesh',
      productName: 'MLX Mesh',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      description: expect.any(String),
      license: 'MIT',
      author: 'MLX Mesh',
      main: 'main.cjs',
    })
  })

  test('nothing in it tells where it was made', () => {
    for (const bundle of ['main.cjs', 'core.cjs', 'preload.cjs'])
      expect(extractFile(archiveOf(packed), bundle).includes(root)).toBe(false)
  })

  test('around the archive lie the parts that it needs, and thanks to their makers', () => {
    const resources = join(packed, 'resources')
    for (const part of [
      'runtime/page/index.html',
      'python/mlx_mesh_runtime/__main__.py',
      'icons/tray-offTemplate.png',
      'LICENSE.txt',
    ])
      expect(existsSync(join(resources, part)), part).toBe(true)
    expect(existsSync(join(resources, 'default_app.asar'))).toBe(false)
    const version = execFileSync(join(resources, 'runtime/nats-server/nats-server'), ['--version'])
    expect(version.toString()).toContain('nats-server')
    const notices = readFileSync(join(resources, 'THIRD-PARTY-NOTICES.txt'), 'utf8')
    for (const name of ['zod', 'pino', 'mlx-lm', 'nats-server', 'Electron'])
      expect(notices).toContain(`\n${name} `.trimEnd())
  })

  test('its core finds its parts, and its Python answers', async () => {
    const core = join(packed, 'resources', 'runtime', 'app', 'core.cjs')
    const peer = await startServe({ program: core })
    onTestFinished(() => peer.close())
    const health: unknown = await (await fetch(`${peer.url}/health`)).json()
    expect(health).toMatchObject({ status: 'healthy' })
    const answer = await fetch(`${peer.url}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'tiny', prompt: 'Hello', max_tokens: 2 }),
    })
    expect(await answer.json()).toMatchObject({ usage: { completion_tokens: 2 } })
    const programs = peer.descendants().map(({ command }) => command)
    for (const part of ['python/bin/python', 'nats-server/nats-server'])
      expect(programs.join('\n')).toContain(join(packed, 'resources', 'runtime', part))
  })

  test('starts for somebody who has just installed it, answers, and ends when it is told to', async () => {
    const env = { ...process.env, DISPLAY: display.name ?? '', MLX_MESH_CORE_NODE: process.execPath }
    expect(await tryApp(join(packed, 'mlx-mesh'), ['--no-sandbox'], env)).toMatchObject({ status: 'healthy' })
  }, 120_000)

  test('its fuses are set, and an Electron whose fuses are not is told apart', async () => {
    expect(await wrongFuses(join(packed, 'mlx-mesh'))).toEqual([])
    expect(await wrongFuses(electron ?? '')).toContain('runAsNode is not off')
  })

  test('ELECTRON_RUN_AS_NODE does not make a Node.js of it', () => {
    const script = join(folder, 'script.cjs')
    writeFileSync(script, 'console.log("this is Node.js")')
    const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1', DISPLAY: display.name ?? '' }
    const open = spawnSync(electron ?? '', [script], { env, encoding: 'utf8' })
    expect(open.stdout).toContain('this is Node.js')
    const fused = spawnSync(probed, ['--no-sandbox', script], { env, encoding: 'utf8' })
    expect(fused.stdout).toContain('PROBE')
    expect(fused.stdout).not.toContain('this is Node.js')
  })

  test('NODE_OPTIONS and --inspect have no effect on it', async () => {
    const required = join(folder, 'required.cjs')
    writeFileSync(required, 'globalThis.required = true')
    // Node.js reads this list as words, so its path has none of the folder's spaces.
    const env = { DISPLAY: display.name ?? '', NODE_OPTIONS: '--require=./required.cjs' }
    const open = await ask(electron ?? '', [join(folder, 'probe'), '--inspect=0'], env, folder)
    expect(open).toEqual({ inspector: expect.stringContaining('ws://'), required: true })
    const fused = await ask(probed, ['--inspect=0'], env, folder)
    expect(fused).toEqual({ inspector: null, required: null })
  })

  test('it takes its program from the archive alone', async () => {
    const answers = [dirname(electron ?? ''), packed].map((from, at) => {
      const bare = join(folder, `bare-${at}`)
      copyApp(from, bare)
      rmSync(archiveOf(bare), { force: true })
      cpSync(join(folder, 'probe'), join(bare, 'resources', 'app'), { recursive: true })
      const program = join(bare, from === packed ? 'mlx-mesh' : 'electron')
      const env = { ...process.env, DISPLAY: display.name ?? '' }
      const options = { env, encoding: 'utf8', timeout: 20_000 } as const
      return spawnSync(program, ['--no-sandbox'], options).stdout.includes('PROBE')
    })
    expect(answers).toEqual([true, false])
  })
})

const archiveOf = (app: string) => join(app, 'resources', 'app.asar')

/** The packaged program with the probe in it: Linux does not compare an archive with what was packed, macOS does. */
async function makeProbe(folder: string, packed: string): Promise<string> {
  const source = join(folder, 'probe')
  mkdirSync(source)
  writeFileSync(join(source, 'main.js'), probe)
  writeFileSync(join(source, 'package.json'), '{ "name": "probe", "main": "main.js" }')
  const app = join(folder, 'probed')
  copyApp(packed, app)
  rmSync(archiveOf(app))
  await createPackage(source, archiveOf(app))
  return join(app, 'mlx-mesh')
}

/** Without the parts that a probe has no use for. */
function copyApp(from: string, to: string): void {
  const around = join(from, 'resources', 'runtime')
  cpSync(from, to, { recursive: true, verbatimSymlinks: true, filter: path => path !== around })
}

/** Resolves with what the probe says. */
function ask(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string,
): Promise<unknown> {
  const child = spawn(program, ['--no-sandbox', ...args], { cwd, env: { ...process.env, ...env } })
  let said = ''
  child.stdout.on('data', (data: Buffer) => {
    said += data.toString()
  })
  return new Promise((done, fail) => {
    child.once('error', fail)
    child.once('exit', () => {
      const line = said.split('\n').find(text => text.startsWith('PROBE '))
      if (line === undefined) fail(new Error(`${dirname(program)} said: ${said}`))
      else done(JSON.parse(line.slice('PROBE '.length)))
    })
  })
}
