// Updates in a real Electron, from a real server on this machine. On Linux electron-updater replaces an AppImage; how macOS
// puts one app in the place of another is its own affair and needs a signed one.
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { createPackage } from '@electron/asar'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { bundle } from '../../scripts/app/bundle.mjs'
import { electronOf } from '../../scripts/setup/electron.mjs'
import { type Display, noDisplay, openDisplay } from '../desktop/support/display.ts'

const root = resolve(import.meta.dirname, '..', '..')
const electron = process.platform === 'linux' ? electronOf(root) : null
const missing = electron === null ? 'no Electron for Linux is here' : noDisplay
const skipped = missing ? ` (${missing})` : ''

/** The new version: a program that says that it was started. */
const next = '#!/bin/sh\necho "$0" > "$MARKER"\n'
const fileName = 'MLX-Mesh-0.2.0.AppImage'

describe.skipIf(missing)(`an app that updates itself${skipped}`, () => {
  let folder = ''
  let app = ''
  let display: Display
  let feed: Feed
  let running: UpdatingApp | null = null

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mlx mesh '))
    app = await makeApp(join(folder, 'app'))
    display = await openDisplay()
  }, 60_000)

  beforeEach(async () => {
    feed = await openFeed()
    const config = `provider: generic\nurl: ${feed.url}\nupdaterCacheDirName: mlx-mesh-updater\n`
    writeFileSync(join(dirname(app), 'resources', 'app-update.yml'), config)
  })

  afterEach(async () => {
    await running?.end()
    running = null
    feed.server.close()
    feed.server.closeAllConnections()
  })

  afterAll(async () => {
    await display?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('fetches a new version, and becomes it when its owner says so', async () => {
    running = start('told')
    expect(await running.looked()).toEqual({ state: 'ready', version: '0.2.0' })
    expect(running.states).toContainEqual({ state: 'checking' })
    expect(running.states).toContainEqual({ state: 'downloading', percent: 100 })
    expect(readFileSync(running.appImage, 'utf8')).toBe('the old version')
    await running.say('install')
    expect(await running.replaced()).toBe(next)
  })

  test('becomes the new version when it is quit', async () => {
    running = start('quit')
    expect(await running.looked()).toEqual({ state: 'ready', version: '0.2.0' })
    await running.say('quit')
    expect(await running.replaced()).toBe(next)
  })

  test('says nothing of its owner when it looks', async () => {
    running = start('quiet')
    await running.looked()
    for (const headers of feed.asked) {
      expect(headers['x-user-staging-id']).toBe('none')
      expect(headers.cookie).toBeUndefined()
      expect(JSON.stringify(headers)).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/)
    }
    expect(feed.asked.length).toBeGreaterThan(0)
  })

  test('stays what it is when there is nothing newer', async () => {
    feed.version = '0.1.0'
    running = start('current')
    expect(await running.looked()).toEqual({ state: 'current' })
  })

  test('throws away what is not the announced file', async () => {
    feed.file = `${next}# something else\n`
    running = start('forged')
    expect(await running.looked()).toEqual({
      state: 'failed',
      reason: 'What was downloaded is not what was announced. It was thrown away.',
    })
    await running.say('quit')
    await running.end()
    expect(readFileSync(running.appImage, 'utf8')).toBe('the old version')
  })

  test('says that the server cannot be reached', async () => {
    feed.server.close()
    running = start('alone')
    expect(await running.looked()).toEqual({
      state: 'failed',
      reason: 'The server for updates cannot be reached.',
    })
  })

  test('says that it does not update itself when it was made without an address', async () => {
    rmSync(join(dirname(app), 'resources', 'app-update.yml'))
    running = start('none')
    expect(await running.looked()).toMatchObject({ state: 'unavailable' })
  })

  function start(name: string): UpdatingApp {
    return startApp(app, join(folder, name), display.name ?? '')
  }
})

/** Electron under another name is a packaged app to itself. */
async function makeApp(folder: string): Promise<string> {
  cpSync(dirname(electron ?? ''), folder, { recursive: true })
  const program = join(folder, 'mlx-mesh')
  renameSync(join(folder, 'electron'), program)
  const source = join(folder, 'source')
  await bundle(join(import.meta.dirname, 'fixtures', 'updating-app.ts'), 'main', 'node16', source)
  writeFileSync(
    join(source, 'package.json'),
    '{ "name": "mlx-mesh", "version": "0.1.0", "main": "main.cjs" }',
  )
  await createPackage(source, join(folder, 'resources', 'app.asar'))
  return program
}

interface UpdatingApp {
  readonly states: readonly unknown[]
  /** The file that is replaced. */
  readonly appImage: string
  /** What came of the look at the start. */
  looked(): Promise<unknown>
  say(word: string): Promise<void>
  /** What the new version consists of, once it has been started. */
  replaced(): Promise<string>
  end(): Promise<void>
}

function startApp(program: string, home: string, display: string): UpdatingApp {
  mkdirSync(home)
  const appImage = join(home, 'MLX-Mesh.AppImage')
  const marker = join(home, 'started')
  writeFileSync(appImage, 'the old version')
  const child = spawn(program, ['--no-sandbox', `--user-data-dir=${join(home, 'data')}`], {
    env: {
      ...process.env,
      DISPLAY: display,
      APPIMAGE: appImage,
      MARKER: marker,
      XDG_CACHE_HOME: join(home, 'cache'),
      XDG_CONFIG_HOME: join(home, 'config'),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const exited = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })
  const states: unknown[] = []
  lines.on('line', line => {
    if (line.startsWith('STATE ')) states.push(JSON.parse(line.slice('STATE '.length)))
  })
  return {
    states,
    appImage,
    looked: () => lookedAt(states, lines, child),
    async say(word) {
      child.stdin.write(`${word}\n`)
      await exited
    },
    async replaced() {
      await expect.poll(() => existsSync(marker), { timeout: 10_000 }).toBe(true)
      return readFileSync(readFileSync(marker, 'utf8').trim(), 'utf8')
    },
    async end() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await exited
    },
  }
}

function lookedAt(states: readonly unknown[], lines: Interface, child: ChildProcess): Promise<unknown> {
  return new Promise((done, fail) => {
    const look = () => {
      for (const state of states)
        if (typeof state === 'object' && state && 'looked' in state) done(state.looked)
    }
    look()
    lines.on('line', look)
    child.once('exit', code => fail(new Error(`the app ended with ${code}`)))
  })
}

interface Feed {
  readonly url: string
  readonly server: Server
  readonly asked: IncomingHttpHeaders[]
  version: string
  /** What is served as the new version, whatever was announced. */
  file: string
}

/** As any web server would hand out a folder with the results of a build. */
async function openFeed(): Promise<Feed> {
  const asked: IncomingHttpHeaders[] = []
  const server = createServer((request, response) => {
    asked.push(request.headers)
    const path = new URL(request.url ?? '', 'http://localhost').pathname
    if (path === '/latest-linux.yml') response.end(announce(feed.version))
    else if (path === `/${fileName}`) response.end(feed.file)
    else response.writeHead(404).end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the feed has no address')
  const feed: Feed = { url: `http://127.0.0.1:${address.port}`, server, asked, version: '0.2.0', file: next }
  return feed
}

function announce(version: string): string {
  const sha512 = createHash('sha512').update(next).digest('base64')
  return `version: ${version}
files:
  - url: ${fileName}
    sha512: ${sha512}
    size: ${next.length}
path: ${fileName}
sha512: ${sha512}
releaseDate: '2026-01-01T00:00:00.000Z'
`
}
